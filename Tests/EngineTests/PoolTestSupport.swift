import CPlatform
import Glibc
import Testing

/// `#require` for what it cannot take apart: calls on lanes, which mutate, and on pools, which cannot be copied.
func obtained<Value>(_ value: Value?, sourceLocation: SourceLocation = #_sourceLocation) throws -> Value {
  try #require(value, sourceLocation: sourceLocation)
}

/// Pages of the mapping at `address`, a page's beginning, that are in memory.
func residentPages(_ address: UnsafeMutableRawPointer, _ bytes: Int) -> Int {
  let page = pb_page_size()
  var flags = [UInt8](repeating: 0, count: (bytes + page - 1) / page)
  guard mincore(address, bytes, &flags) == 0 else { return -1 }
  return flags.reduce(0) { $0 + Int($1 & 1) }
}
