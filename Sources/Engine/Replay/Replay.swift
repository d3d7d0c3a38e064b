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
/// What comes next is often drawn at random, and a processor that has guessed it wrong waits until it can tell. So each
/// word is loaded an operation ahead: in `churn` an operation of 5 ns then takes 0.45 ns less. `allocate` and `free` go
/// round in a loop of their own, which the compiler takes for what runs most and lays out with a single jump for each;
/// a test tells them and the accesses apart, and a jump through a table the rest.
///
/// - Parameters:
///   - next: the first word; on return the word after the last that was done.
///   - end: where to stop; an operation that begins before it is done to its end. There is a word to read there.
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
  // What `word` points to.
  var coming = word.pointee

  @inline(__always)
  func pass(_ words: Int) {
    word += words
    coming = word.pointee
  }

  /// The operation at hand; `word` is then behind its first word.
  @inline(__always)
  func takeOperation() -> OperationWord {
    let operation = OperationWord(coming)
    // The stream comes from memory, and a processor that looks ahead by itself stops at each page.
    pb_prefetch_read(word + wordsAhead)
    pass(1)
    return operation
  }

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
    pb_escape(pointer)
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

  @inline(__always)
  func access(_ slot: Int, _ bytes: Int, isWrite: Bool) {
    let pointer = object(slot)
    if isRefused(pointer) { return }
    let begin = recorder.begin()
    recorder.access(lane.address(of: pointer), bytes, isWrite: isWrite, idle: tables.idle)
    recorder.end(.access, begin)
  }

  /// The common allocation; false when the subject has no memory.
  @inline(__always)
  func allocate(_ operation: OperationWord) -> Bool {
    let size = operation.size
    let begin = recorder.begin()
    let pointer = lane.allocate(size, operation.variant)
    recorder.end(.allocate, begin)
    guard let pointer else { return false }
    if !isRefused(pointer) {
      let address = lane.address(of: pointer)
      recorder.didAllocate(address, size, alignment: 0, isZeroed: false, &lane)
      if R.touches {
        let touched = recorder.begin()
        TouchKind.writeFirstWord(address)
        recorder.end(.touch, touched)
      }
    }
    enter(pointer, size, into: operation.allocatedSlot)
    return true
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
        entry.touch.write(address, size)
        recorder.end(.touch, touched)
      }
    }
    enter(pointer, size, into: slot)
    return true
  }

  replaying: while word < end {
    if OperationWord(coming).isCommon {
      while true {
        let operation = takeOperation()
        // Each of the two ends with its own way round: sharing it would be a jump more for one of them.
        if operation.isFree {
          free(operation.slot)
          if word == end { break replaying }
          if OperationWord(coming).isCommon { continue }
          break
        }
        if !allocate(operation) {
          next = word
          return .outOfMemory(bytes: operation.size)
        }
        if word >= end { break replaying }
        if !OperationWord(coming).isCommon { break }
      }
    }
    let operation = takeOperation()
    if operation.isAccess {
      access(operation.slot, 8, isWrite: operation.isWrite)
      continue
    }
    switch operation.opcode {
    case .allocate, .free, .read, .write: break
    case .allocateAs:
      if !allocate(operation.allocatedSlot, operation.size, operation.variant) {
        next = word
        return .outOfMemory(bytes: operation.size)
      }
    case .allocateWide:
      let size = Int(truncatingIfNeeded: coming)
      pass(1)
      if !allocate(operation.wideIndex, size, operation.wideField) {
        next = word
        return .outOfMemory(bytes: size)
      }
    case .accessSmall: access(operation.slot, operation.smallBytes, isWrite: operation.smallIsWrite)
    case .resize:
      let slot = operation.wideIndex
      let variant = operation.wideField
      let old = Int(truncatingIfNeeded: word[0])
      let new = Int(truncatingIfNeeded: word[1])
      pass(2)
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
    case .scopeBegin:
      let begin = recorder.begin()
      lane.beginScope(operation.wideField)
      recorder.end(.scopeBegin, begin)
    case .scopeEnd:
      let last = word + operation.wideIndex
      if Lane.endsScopesInBulk {
        if R.seesObjects {
          while word < last {
            let slot = OperationWord(coming).slot
            willFree(object(slot), size(slot))
            pass(1)
          }
        } else {
          pass(operation.wideIndex)
        }
        let begin = recorder.begin()
        lane.endScope(operation.wideField)
        recorder.end(.scopeEnd, begin)
      } else {
        let begin = recorder.begin()
        while word < last {
          let slot = OperationWord(coming).slot
          pass(1)
          let pointer = object(slot)
          let size = size(slot)
          willFree(pointer, size)
          lane.free(pointer, size)
        }
        recorder.end(.scopeEnd, begin)
      }
    case .handOver:
      if !Lane.freesForeignObjects { harnessFailure("this lane hands nothing over") }
      let slot = operation.wideIndex
      let size = Int(truncatingIfNeeded: coming)
      pass(1)
      let pointer = object(slot)
      if !isRefused(pointer) { recorder.willHandOver(lane.address(of: pointer), size, &lane) }
      // A copy, since what waits for a full ring is not inlined: the address that it is given is not the lane's own. It
      // is not written back, or the loop could keep none of the lane's fields in a register: see `freesForeignObjects`.
      var sender = lane
      mailboxes.send(from: tables.lane, pointer, size: size) { freeForeign($0, $1, &sender, &recorder) }
    case .mailbox:
      if !Lane.freesForeignObjects { break }
      mailboxes.drain(tables.lane) { freeForeign($0, $1, &lane, &recorder) }
    case .due: recorder.waitForTurn()
    case .mark:
      recorder.mark(live: word[0], peak: word[1], mailboxes)
      pass(2)
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
