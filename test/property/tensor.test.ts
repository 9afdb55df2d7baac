import { describeProducts } from './tensor/products.ts'

describeProducts('wasm')
