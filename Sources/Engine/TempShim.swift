import Workload
struct DistributionError: Error {}
extension Distribution { func compiled(least: UInt64) throws(DistributionError) -> InverseTable {
  switch shape {
  case .fixed(let v): return InverseTable(ends: [.max], lows: [v], widths: [1])
  case .uniform(let a, let b): return InverseTable(ends: [.max], lows: [a], widths: [b - a + 1])
  case .exponential(let m): return InverseTable(ends: [.max], lows: [0], widths: [UInt64(m)*2])
  case .lognormal: return InverseTable(ends: (1..<1024).map { UInt64($0) << 54 } + [.max], lows: (1...1024).map{UInt64($0)}, widths: Array(repeating: 1, count: 1024))
  default: throw DistributionError() } } }
extension InverseTable { init(weighted: [Weighted<UInt64>]) { 
  let t = weighted.reduce(0){$0+$1.weight}; var c = 0.0; var e: [UInt64] = []
  for w in weighted { c += w.weight; e.append(c/t >= 1 ? .max : UInt64(c/t*0x1p64) - 1) }
  e[e.count-1] = .max
  self.init(ends: e, lows: weighted.map(\.value), widths: weighted.map{_ in 1}) } }
