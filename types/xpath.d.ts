// The package's own types bring the whole of a browser's; these tell what `formats/xml.ts` uses of it. `paths` in tsconfig.json leads here.
import type { Node } from '@xmldom/xmldom'

interface Expression { select(options: { readonly node: Node; readonly namespaces: Readonly<Record<string, string>> }): readonly Node[] }
declare const xpath: { parse(expression: string): Expression }
export default xpath
