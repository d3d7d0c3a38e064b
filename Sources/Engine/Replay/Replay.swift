import CPlatform
import Workload

/// Why a replay came back.
enum ReplayStop {
  /// All words are done.
  case finished
  /// The lane's thread ends here.
  case threadEnd
  /// The subject refused an allocation of so many bytes.
  case outOfMemory(bytes: Int)
  /// The system refused the thread that was to go on.
  case noThread
}

/// How far ahead of the operation at hand the stream is fetched: 2 KiB, of 0.25, 0.5, 1 and 2 the one with the shortest
/// null loop.
private let wordsAhead = 256

/// Makes the calls that a lane's words say: the one loop that every subject and every pass is measured by.
///
/// Specialised for each lane and recorder; everything that differs between subjects is behind `PoolLane`, everything
/// between passes behind `Recorder`.
///
/// - Parameters:
///   - next: the first word; on return the word after the last that was done.
///   - end: where to stop; an operation that begins before it is done to its end.
@inline(never)
func replay<Lane: PoolLane, R: Recorder>(
  _ next: inout UnsafePointer<UInt64>, end: UnsafePointer<UInt64>, tables: ReplayTables, lane: inout Lane,
  recorder: inout R, mailboxes: Mailboxes
) -> ReplayStop {
  var held = lane.hold()
  defer { lane.putBack(held) }
  return replayHeld(&next, end: end, tables: tables, lane: &held, recorder: &recorder, mailboxes: mailboxes)
}

/// The loop of `replay`, a part of it. A function of its own, so that the lane is a parameter: that of a local variable
/// which local functions share could only be checked at run time to be used by one at a time.
@inline(__always)
private func replayHeld<Lane: PoolLane, R: Recorder>(
  _ next: inout UnsafePointer<UInt64>, end: UnsafePointer<UInt64>, tables: ReplayTables, lane: inout Lane,
  recorder: inout R, mailboxes: Mailboxes
) -> ReplayStop {
  let slots = tables.slots
  let keepsSizes = Lane.needsSizes || R.needsSizes
  let slotBytes = ReplayTables.slotBytes(keepsSizes: keepsSizes)
  var word = next

  @inline(__always)
  func object(_ slot: Int) -> UnsafeMutableRawPointer {
    slots.load(fromByteOffset: slot &* slotBytes, as: UnsafeMutableRawPointer?.self).unsafelyUnwrapped
  }

  /// Size of a slot's object, 0 where sizes are not kept.
  @inline(__always)
  func size(_ slot: Int) -> Int {
    keepsSizes ? slots.load(fromByteOffset: slot &* slotBytes &+ 8, as: Int.self) : 0
  }

  @inline(__always)
  func enter(_ pointer: UnsafeMutableRawPointer, _ size: Int, into slot: Int) {
    slots.storeBytes(of: pointer, toByteOffset: slot &* slotBytes, as: UnsafeMutableRawPointer.self)
    if keepsSizes { slots.storeBytes(of: size, toByteOffset: slot &* slotBytes &+ 8, as: Int.self) }
  }

  @inline(__always)
  func slotIndex(_ operation: UInt64) -> Int {
    Int(truncatingIfNeeded: operation &>> OperationLayout.slotShift)
  }

  @inline(__always)
  func wideIndex(_ operation: UInt64) -> Int {
    Int(truncatingIfNeeded: operation &>> OperationLayout.wideShift)
  }

  @inline(__always)
  func wideField(_ operation: UInt64) -> Int {
    Int(truncatingIfNeeded: operation &>> OperationLayout.variantShift & OperationLayout.wideMask)
  }

  /// Whether a pool with a fixed amount of memory refused the object, so that there is nothing to look at.
  @inline(__always)
  func isRefused(_ pointer: UnsafeMutableRawPointer) -> Bool { Lane.mayRefuse && lane.isRefused(pointer) }

  @inline(__always)
  func willFree(_ pointer: UnsafeMutableRawPointer, _ size: Int) {
    if !isRefused(pointer) { recorder.willFree(lane.address(of: pointer), size, &lane) }
  }

  @inline(__always)
  func free(_ slot: Int) {
    let pointer = object(slot)
    let size = size(slot)
    willFree(pointer, size)
    let begin = recorder.begin()
    lane.free(pointer, size)
    recorder.end(.free, begin)
  }

  /// The general allocation; false when the subject has no memory.
  @inline(__always)
  func allocate(_ slot: Int, _ size: Int, _ variant: Int) -> Bool {
    let entry = tables.variants[variant]
    let pointer: UnsafeMutableRawPointer?
    let begin = recorder.begin()
    switch entry.kind {
    case .malloc: pointer = lane.allocate(size, variant)
    case .calloc: pointer = lane.allocateZeroed(size, variant)
    case .aligned: pointer = lane.allocateAligned(size, entry.alignment, variant)
    }
    recorder.end(.allocate, begin)
    guard let pointer else { return false }
    if !isRefused(pointer) {
      let address = lane.address(of: pointer)
      recorder.didAllocate(address, size, alignment: entry.alignment, isZeroed: entry.kind == .calloc, &lane)
      if R.touches {
        let touched = recorder.begin()
        entry.touch.write(address, from: 0, to: size)
        recorder.end(.touch, touched)
      }
    }
    enter(pointer, size, into: slot)
    pb_escape(pointer)
    return true
  }

  while word < end {
    let operation = word.pointee
    // The stream comes from memory, and a processor that looks ahead by itself stops at each page.
    pb_prefetch_read(word + wordsAhead)
    word += 1
    // The two common operations are told apart by a bit of the word itself: which one comes next is what a processor
    // cannot guess, and a jump table would let it find out several cycles later.
    if operation & Opcode.commonMask == 0 {
      if operation & UInt64(Opcode.free.rawValue) != 0 {
        free(slotIndex(operation))
        continue
      }
      let size = Int(truncatingIfNeeded: operation &>> OperationLayout.sizeShift)
      let variant = Int(truncatingIfNeeded: operation &>> OperationLayout.variantShift & OperationLayout.variantMask)
      let slot = Int(truncatingIfNeeded: operation &>> OperationLayout.slotShift & OperationLayout.slotMask)
      let begin = recorder.begin()
      let pointer = lane.allocate(size, variant)
      recorder.end(.allocate, begin)
      guard let pointer else {
        next = word
        return .outOfMemory(bytes: size)
      }
      if !isRefused(pointer) {
        let address = lane.address(of: pointer)
        recorder.didAllocate(address, size, alignment: 0, isZeroed: false, &lane)
        if R.touches {
          let touched = recorder.begin()
          address.storeBytes(of: 1, as: UInt8.self)
          recorder.end(.touch, touched)
        }
      }
      enter(pointer, size, into: slot)
      pb_escape(pointer)
      continue
    }
    switch Opcode(rawValue: UInt8(truncatingIfNeeded: operation & OperationLayout.opcodeMask)) {
    case .allocate, .free: break
    case .read, .write:
      let pointer = object(slotIndex(operation))
      if isRefused(pointer) { continue }
      let begin = recorder.begin()
      recorder.access(lane.address(of: pointer), 8, isWrite: operation & 1 == 1, idle: tables.idle)
      recorder.end(.access, begin)
    case .allocateAs:
      let size = Int(truncatingIfNeeded: operation &>> OperationLayout.sizeShift)
      let variant = Int(truncatingIfNeeded: operation &>> OperationLayout.variantShift & OperationLayout.variantMask)
      let slot = Int(truncatingIfNeeded: operation &>> OperationLayout.slotShift & OperationLayout.slotMask)
      if !allocate(slot, size, variant) {
        next = word
        return .outOfMemory(bytes: size)
      }
    case .allocateWide:
      let size = Int(truncatingIfNeeded: word.pointee)
      word += 1
      if !allocate(wideIndex(operation), size, wideField(operation)) {
        next = word
        return .outOfMemory(bytes: size)
      }
    case .accessSmall:
      let pointer = object(slotIndex(operation))
      if isRefused(pointer) { continue }
      let bytes = Int(truncatingIfNeeded: operation &>> 5 & 7)
      let begin = recorder.begin()
      recorder.access(lane.address(of: pointer), bytes, isWrite: operation &>> 4 & 1 == 1, idle: tables.idle)
      recorder.end(.access, begin)
    case .resize:
      let slot = wideIndex(operation)
      let variant = wideField(operation)
      let old = Int(truncatingIfNeeded: word[0])
      let new = Int(truncatingIfNeeded: word[1])
      word += 2
      let pointer = object(slot)
      if isRefused(pointer) { continue }
      recorder.willResize(lane.address(of: pointer), old, &lane)
      let begin = recorder.begin()
      let moved = lane.resize(pointer, from: old, to: new, variant)
      recorder.end(.resize, begin)
      guard let moved else {
        next = word
        return .outOfMemory(bytes: new)
      }
      if !isRefused(moved) {
        let address = lane.address(of: moved)
        recorder.didResize(address, from: old, to: new, &lane)
        if R.touches {
          let touched = recorder.begin()
          tables.variants[variant].touch.write(address, from: old, to: new)
          recorder.end(.touch, touched)
        }
      } else {
        recorder.didRefuseResize()
      }
      enter(moved, new, into: slot)
      pb_escape(moved)
    case .scopeBegin:
      let begin = recorder.begin()
      lane.beginScope(wideField(operation))
      recorder.end(.scopeBegin, begin)
    case .scopeEnd:
      let scope = wideField(operation)
      let last = word + wideIndex(operation)
      if Lane.endsScopesInBulk {
        if R.seesObjects {
          while word < last {
            let slot = slotIndex(word.pointee)
            willFree(object(slot), size(slot))
            word += 1
          }
        }
        word = last
        let begin = recorder.begin()
        lane.endScope(scope)
        recorder.end(.scopeEnd, begin)
      } else {
        let begin = recorder.begin()
        while word < last {
          let slot = slotIndex(word.pointee)
          let pointer = object(slot)
          let size = size(slot)
          willFree(pointer, size)
          lane.free(pointer, size)
          word += 1
        }
        recorder.end(.scopeEnd, begin)
      }
    case .handOver:
      if !Lane.freesForeignObjects { harnessFailure("this lane hands nothing over") }
      let slot = wideIndex(operation)
      let size = Int(truncatingIfNeeded: word.pointee)
      word += 1
      let pointer = object(slot)
      if !isRefused(pointer) { recorder.willHandOver(lane.address(of: pointer), size, &lane) }
      // A copy, since what waits for a full ring is not inlined: the address that it is given is not the lane's own.
      var sender = lane
      mailboxes.send(from: tables.lane, pointer, size: size) { freeForeign($0, $1, &sender, &recorder) }
      lane = sender
    case .mailbox:
      if !Lane.freesForeignObjects { break }
      mailboxes.drain(tables.lane) { freeForeign($0, $1, &lane, &recorder) }
    case .due: recorder.waitForTurn()
    case .mark:
      recorder.mark(live: word[0], peak: word[1], mailboxes)
      word += 2
    case .threadEnd:
      next = word
      return .threadEnd
    case nil: harnessFailure("a word of the stream is no operation")
    }
  }
  next = word
  return .finished
}

/// Frees an object that another lane handed over.
@inline(__always)
func freeForeign<Lane: PoolLane, R: Recorder>(
  _ pointer: UnsafeMutableRawPointer, _ size: Int, _ lane: inout Lane, _ recorder: inout R
) {
  if !(Lane.mayRefuse && lane.isRefused(pointer)) {
    recorder.willFreeForeign(lane.address(of: pointer), size, &lane)
  }
  let begin = recorder.begin()
  lane.free(pointer, size)
  recorder.end(.free, begin)
}
