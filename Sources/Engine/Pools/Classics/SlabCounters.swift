import Synchronization

/// The second word of a slab's pair, laid out as in Linux: objects in use (or with a lane), objects in all, frozen.
struct SlabCounters: Equatable {
  var word: UInt

  init(word: UInt) { self.word = word }
  init(inUse: Int, objects: Int, frozen: Bool) {
    word = UInt(bitPattern: inUse) | UInt(bitPattern: objects) << 16 | (frozen ? Self.frozenBit : 0)
  }

  private static var frozenBit: UInt { 1 << 31 }

  var inUse: Int {
    get { Int(word & 0xFFFF) }
    set { word = word & ~0xFFFF | UInt(bitPattern: newValue) }
  }
  var objects: Int { Int(word >> 16 & 0x7FFF) }
  var isFrozen: Bool {
    get { word & Self.frozenBit != 0 }
    set { word = newValue ? word | Self.frozenBit : word & ~Self.frozenBit }
  }
}

extension PageFrame {
  /// Of a slab's first page: the list of objects that have been freed to the slab, and the counters. Any thread may
  /// push onto the list of a slab that another one has, so both change in one step.
  private var pair: UnsafeMutablePointer<Atomic<WordPair>> { raw.assumingMemoryBound(to: Atomic<WordPair>.self) }

  var counters: SlabCounters { SlabCounters(word: pair.pointee.load(ordering: .acquiring).second) }

  /// Sets both, while nobody else can reach the slab.
  func setFreed(_ list: UnsafeMutableRawPointer?, _ counters: SlabCounters) {
    pair.pointee.store(WordPair(first: UInt(bitPattern: list), second: counters.word), ordering: .releasing)
  }

  /// What the slab holds now.
  var freed: (list: UnsafeMutableRawPointer?, counters: SlabCounters) {
    let seen = pair.pointee.load(ordering: .acquiring)
    return (UnsafeMutableRawPointer(bitPattern: seen.first), SlabCounters(word: seen.second))
  }

  /// Replaces both if they are what `seen` says; 128 bits at once.
  func exchangeFreed(
    _ seen: (list: UnsafeMutableRawPointer?, counters: SlabCounters), _ list: UnsafeMutableRawPointer?,
    _ counters: SlabCounters
  ) -> Bool {
    pair.pointee.compareExchange(
      expected: WordPair(first: UInt(bitPattern: seen.list), second: seen.counters.word),
      desired: WordPair(first: UInt(bitPattern: list), second: counters.word), ordering: .acquiringAndReleasing
    ).exchanged
  }
}
