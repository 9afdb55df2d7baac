export { bench } from './mnist.ts'
