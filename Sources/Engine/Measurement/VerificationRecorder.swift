import CPlatform
import Workload

/// What a subject can do wrong and verification sees.
enum Violation: UInt8, BitwiseCopyable {
  case overlap = 1
  case misaligned
  case notZeroed
  case contentsLost
  case resizeLostContents
  case notOurs

  var sentence: String {
    switch self {
    case .overlap: "handed out memory of a live object"
    case .misaligned: "handed out a misaligned address"
    case .notZeroed: "calloc handed out memory that is not zero"
    case .contentsLost: "an object's contents changed while it was alive"
    case .resizeLostContents: "resize lost the object's contents"
    case .notOurs: "an object's memory was given up before it was freed"
    }
  }
}

/// The verification pass: every object filled with a pattern of its own and checked at access, resize and free.
///
/// The pattern depends on the object's address, so that memory handed out twice at different places shows; the same
/// place twice shows in the shadow map.
struct VerificationRecorder: Recorder {
  static var needsSizes: Bool { true }
  static var touches: Bool { false }
  static var seesObjects: Bool { true }

  /// One finding.
  struct Finding: BitwiseCopyable {
    var violation: Violation
    var operation: Int
    var address: UInt
    var size: Int
  }

  private static let keptFindings = 8
  private let shadow: ShadowMap
  private var findings: MappedArray<Finding>
  private(set) var violations = 0
  /// Operations seen, the one at hand included.
  private var operation = 0
  /// Objects handed out less those freed; over all lanes 0 after the drain.
  private(set) var liveCount = 0

  init(shadow: ShadowMap) {
    self.shadow = shadow
    findings = MappedArray(capacity: Self.keptFindings)
  }

  private mutating func report(_ violation: Violation, _ pointer: UnsafeMutableRawPointer, _ size: Int) {
    violations += 1
    if findings.count < Self.keptFindings {
      findings.append(
        Finding(violation: violation, operation: operation, address: UInt(bitPattern: pointer), size: size))
    }
  }

  /// Byte `offset` of the pattern of the object at `base`.
  private static func word(_ base: UnsafeMutableRawPointer, _ index: Int) -> UInt64 {
    let seed = UInt64(UInt(bitPattern: base)) &* 0x9E37_79B9_7F4A_7C15
    let mixed = (seed ^ UInt64(truncatingIfNeeded: index)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ (mixed >> 31) | 1
  }

  private static func fill(_ pointer: UnsafeMutableRawPointer, _ base: UnsafeMutableRawPointer, _ size: Int) {
    for index in 0..<(size / 8) {
      pointer.storeBytes(of: word(base, index), toByteOffset: index * 8, as: UInt64.self)
    }
    let tail = word(base, size / 8)
    for byte in (size & ~7)..<size {
      pointer.storeBytes(
        of: UInt8(truncatingIfNeeded: tail >> (UInt64(byte & 7) * 8)), toByteOffset: byte, as: UInt8.self)
    }
  }

  /// Whether the first `size` bytes at `pointer` are the pattern of an object that stood at `base`.
  private static func holds(
    _ pointer: UnsafeMutableRawPointer, _ base: UnsafeMutableRawPointer, _ size: Int
  ) -> Bool {
    for index in 0..<(size / 8)
    where pointer.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self) != word(base, index) { return false }
    let tail = word(base, size / 8)
    for byte in (size & ~7)..<size
    where pointer.load(fromByteOffset: byte, as: UInt8.self)
      != UInt8(truncatingIfNeeded: tail >> (UInt64(byte & 7) * 8))
    {
      return false
    }
    return true
  }

  mutating func didAllocate<Lane: PoolLane>(
    _ pointer: UnsafeMutableRawPointer, _ size: Int, alignment: Int, isZeroed: Bool, _ lane: inout Lane
  ) {
    operation += 1
    liveCount += 1
    // Malloc's promise is the alignment that an object of that size can need.
    let natural = size >= 16 ? Lane.alignment : min(8, Lane.alignment)
    if UInt(bitPattern: pointer) % UInt(max(alignment, natural)) != 0 { report(.misaligned, pointer, size) }
    if !shadow.claim(pointer, size) { report(.overlap, pointer, size) }
    if isZeroed {
      for byte in 0..<size where pointer.load(fromByteOffset: byte, as: UInt8.self) != 0 {
        report(.notZeroed, pointer, size)
        break
      }
    }
    Self.fill(pointer, pointer, size)
  }

  mutating func willFree<Lane: PoolLane>(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout Lane) {
    operation += 1
    liveCount -= 1
    if !Self.holds(pointer, pointer, size) { report(.contentsLost, pointer, size) }
    if !shadow.release(pointer, size) { report(.notOurs, pointer, size) }
  }

  mutating func willHandOver<Lane: PoolLane>(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout Lane) {
    operation += 1
  }

  mutating func willFreeForeign<Lane: PoolLane>(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout Lane) {
    willFree(pointer, size, &lane)
  }

  mutating func willResize<Lane: PoolLane>(_ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout Lane) {
    operation += 1
    if !Self.holds(pointer, pointer, size) { report(.contentsLost, pointer, size) }
    if !shadow.release(pointer, size) { report(.notOurs, pointer, size) }
    resizedFrom = pointer
  }

  /// Where the object stood whose resize is under way.
  private var resizedFrom: UnsafeMutableRawPointer?

  mutating func didResize<Lane: PoolLane>(
    _ pointer: UnsafeMutableRawPointer, from old: Int, to new: Int, _ lane: inout Lane
  ) {
    if !shadow.claim(pointer, new) { report(.overlap, pointer, new) }
    let natural = new >= 16 ? Lane.alignment : min(8, Lane.alignment)
    if UInt(bitPattern: pointer) % UInt(natural) != 0 { report(.misaligned, pointer, new) }
    if let base = resizedFrom, !Self.holds(pointer, base, min(old, new)) { report(.resizeLostContents, pointer, new) }
    Self.fill(pointer, pointer, new)
  }

  mutating func didRefuseResize() { liveCount -= 1 }

  mutating func access(
    _ pointer: UnsafeMutableRawPointer, _ bytes: Int, isWrite: Bool, idle: UnsafeMutableRawPointer
  ) {
    operation += 1
    if !Self.holds(pointer, pointer, bytes) { report(.contentsLost, pointer, bytes) }
  }

  /// Forgets findings and counts.
  mutating func clear() {
    findings.count = 0
    violations = 0
    operation = 0
    liveCount = 0
  }

  func describe(lane: Int, into record: inout RunRecord) {
    for index in 0..<findings.count {
      let finding = findings[index]
      let address = String(finding.address, radix: 16)
      record.add(
        .violation,
        "lane \(lane), operation \(finding.operation): \(finding.violation.sentence) (\(finding.size) bytes at 0x\(address))"
      )
    }
  }
}
