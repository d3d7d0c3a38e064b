import Glibc

@testable import Engine

/// What a `BrokenPool` does wrong, now and then.
enum Defect: CaseIterable {
  case overlapping, misaligned, overAlignmentIgnored, dirtyZeroed, forgetfulResize, leaking, boastfulUsableSize
  case untouchedAfterFailedResize, servesExtremes, keepsDetachedCache
}

protocol DefectKind { static var defect: Defect { get } }
enum OverlappingBlocks: DefectKind { static var defect: Defect { .overlapping } }
enum MisalignedBlocks: DefectKind { static var defect: Defect { .misaligned } }
enum OverAlignmentIgnored: DefectKind { static var defect: Defect { .overAlignmentIgnored } }
enum DirtyZeroed: DefectKind { static var defect: Defect { .dirtyZeroed } }
enum ForgetfulResize: DefectKind { static var defect: Defect { .forgetfulResize } }
enum LosingFrees: DefectKind { static var defect: Defect { .leaking } }
enum BoastfulUsableSize: DefectKind { static var defect: Defect { .boastfulUsableSize } }
enum FreesOnFailedResize: DefectKind { static var defect: Defect { .untouchedAfterFailedResize } }
enum ServesExtremes: DefectKind { static var defect: Defect { .servesExtremes } }
enum KeepsDetachedCache: DefectKind { static var defect: Defect { .keepsDetachedCache } }

/// A sound pool with one defect on top, which never writes, nor lets anyone write, to memory that is not this pool's:
/// other tests run beside it.
struct BrokenPool<Kind: DefectKind>: Pool, ~Copyable {
  private let pool: SegregatedSharedPool

  init(_ configuration: PoolConfiguration) throws(PoolError) { pool = try SegregatedSharedPool(configuration) }
  borrowing func makeLane(_ index: Int) -> BrokenLane<Kind> { BrokenLane(lane: pool.makeLane(index)) }
  borrowing func purge() {}
}

struct BrokenLane<Kind: DefectKind>: PoolLane {
  static var needsSizes: Bool { true }

  fileprivate var lane: SegregatedSharedLane
  private var calls = 0
  /// Where the second of two overlapping objects will lie.
  private var inside: UnsafeMutableRawPointer?

  fileprivate init(lane: SegregatedSharedLane) { self.lane = lane }

  /// Every 16th call is the one that goes wrong.
  private mutating func strikes(_ defect: Defect) -> Bool {
    guard Kind.defect == defect else { return false }
    calls += 1
    return calls % 16 == 0
  }

  mutating func detach() { if Kind.defect != .keepsDetachedCache { lane.detach() } }

  mutating func allocate(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    switch Kind.defect {
    case .overlapping:
      if let second = inside {
        inside = nil
        return second
      }
      guard let pointer = lane.allocate(Self.roomFor2, variant) else { return nil }
      if strikes(.overlapping) { inside = pointer + 64 }
      return pointer
    case .misaligned: return lane.allocate(size &+ 16, variant).map { strikes(.misaligned) ? $0 + 4 : $0 }
    case .servesExtremes where size > 1 << 40: return lane.allocate(4096, variant)
    default: return lane.allocate(size, variant)
    }
  }

  private static var roomFor2: Int { 40_000 }

  mutating func allocateZeroed(_ size: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    strikes(.dirtyZeroed) ? lane.allocate(size, variant) : lane.allocateZeroed(size, variant)
  }

  mutating func allocateAligned(_ size: Int, _ alignment: Int, _ variant: Int) -> UnsafeMutableRawPointer? {
    Kind.defect == .overAlignmentIgnored
      ? lane.allocate(size, variant) : lane.allocateAligned(size, alignment, variant)
  }

  mutating func free(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    switch Kind.defect {
    case .misaligned, .overlapping: break
    case .leaking where strikes(.leaking): break
    default: lane.free(pointer, size)
    }
  }

  mutating func resize(
    _ pointer: UnsafeMutableRawPointer, from oldSize: Int, to newSize: Int, _ variant: Int
  ) -> UnsafeMutableRawPointer? {
    if strikes(.forgetfulResize) { return lane.allocate(newSize, variant) }
    if Kind.defect == .misaligned || Kind.defect == .overlapping { return nil }
    let moved = lane.resize(pointer, from: oldSize, to: newSize, variant)
    if moved == nil, Kind.defect == .untouchedAfterFailedResize { memset(pointer, 0, min(oldSize, 8)) }
    return moved
  }

  func usableSize(_ pointer: UnsafeMutableRawPointer, _ size: Int) -> Int {
    if Kind.defect == .misaligned || Kind.defect == .overlapping { return size }
    let usable = lane.usableSize(pointer, size)
    // Not of a block that may be its chunk's last.
    let end = UInt(bitPattern: pointer) + UInt(usable)
    return Kind.defect == .boastfulUsableSize && size < 1024 && end % 4096 != 0 ? usable + 8 : usable
  }
}
