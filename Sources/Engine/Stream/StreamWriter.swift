import Workload

/// Where a lane's words go: a buffer in mapped memory, with the running digest and counts of what was written.
struct StreamWriter {
  private(set) var words: MappedArray<UInt64>
  private(set) var digest = StreamDigest()
  /// Nominal operations written.
  private(set) var operations: UInt64 = 0
  /// Bytes requested and neither freed nor handed over, and the largest value since the last mark.
  private(set) var liveBytes: UInt64 = 0
  private(set) var peakBytes: UInt64 = 0

  init(capacityWords: Int) { words = MappedArray(capacity: capacityWords + 1) }

  /// Makes room for a word behind the last, which a replay reads and does not heed.
  mutating func pad() { words.reserve(words.count + 1) }

  /// Starts the buffer anew; digest, counts and live bytes go on.
  mutating func rewind() { words.count = 0 }

  /// Forgets everything written.
  mutating func reset() {
    words.count = 0
    digest = StreamDigest()
    operations = 0
    liveBytes = 0
    peakBytes = 0
  }

  @inline(__always)
  private mutating func put(_ word: UInt64) {
    words.append(word)
    digest.combine(word)
  }

  @inline(__always)
  private mutating func putWide(_ opcode: Opcode, _ field: Int, _ rest: UInt64) {
    put(
      UInt64(opcode.rawValue) | UInt64(truncatingIfNeeded: field) &<< OperationLayout.variantShift
        | rest &<< OperationLayout.wideShift)
  }

  @inline(__always)
  mutating func allocate(_ slot: UInt32, _ size: UInt64, _ variant: Int, isPlain: Bool) {
    let slot = UInt64(slot)
    if slot <= OperationLayout.largestSlot, size <= OperationLayout.largestSize,
      variant <= OperationLayout.largestVariant
    {
      let opcode: Opcode = isPlain && size >= OperationLayout.leastPlainSize ? .allocate : .allocateAs
      put(
        UInt64(opcode.rawValue) | UInt64(truncatingIfNeeded: variant) &<< OperationLayout.variantShift
          | slot &<< OperationLayout.slotShift | size &<< OperationLayout.sizeShift)
    } else {
      putWide(.allocateWide, variant, slot)
      put(size)
    }
    operations &+= 1
    liveBytes &+= size
    peakBytes = max(peakBytes, liveBytes)
  }

  @inline(__always)
  mutating func free(_ slot: UInt32, _ size: UInt64) {
    put(UInt64(Opcode.free.rawValue) | UInt64(slot) &<< OperationLayout.slotShift)
    operations &+= 1
    liveBytes &-= size
  }

  @inline(__always)
  mutating func handOver(_ slot: UInt32, _ size: UInt64, to lane: Int) {
    putWide(.handOver, lane, UInt64(slot))
    put(size)
    operations &+= 1
    liveBytes &-= size
  }

  @inline(__always)
  mutating func access(_ slot: UInt32, _ size: UInt64, isWrite: Bool) {
    if size >= 8 {
      let opcode: Opcode = isWrite ? .write : .read
      put(UInt64(opcode.rawValue) | UInt64(slot) &<< OperationLayout.slotShift)
    } else {
      put(
        UInt64(Opcode.accessSmall.rawValue) | (isWrite ? 1 << 4 : 0) | size &<< 5
          | UInt64(slot) &<< OperationLayout.slotShift)
    }
    operations &+= 1
  }

  mutating func resize(_ slot: UInt32, from old: UInt64, to new: UInt64, _ variant: Int) {
    putWide(.resize, variant, UInt64(slot))
    put(old)
    put(new)
    operations &+= 1
    liveBytes = liveBytes &- old &+ new
    peakBytes = max(peakBytes, liveBytes)
  }

  mutating func scopeBegin(_ scope: Int) { putWide(.scopeBegin, scope, 0) }

  mutating func scopeEnd(_ scope: Int, count: Int) {
    putWide(.scopeEnd, scope, UInt64(truncatingIfNeeded: count))
  }

  @inline(__always)
  mutating func bare(_ opcode: Opcode) { put(UInt64(opcode.rawValue)) }

  mutating func mark() {
    put(UInt64(Opcode.mark.rawValue))
    put(liveBytes)
    put(peakBytes)
    peakBytes = liveBytes
  }
}
