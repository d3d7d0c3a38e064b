import CPlatform

extension Arena {
  /// From this size on a chunk that has become free may be worth a trim. (`ATTEMPT_TRIMMING_THRESHOLD`)
  private static var leastTrimmed: Int { 64 << 10 }

  /// Frees a chunk in use: joins it with free neighbours and puts the whole into the unsorted list or top. Under the
  /// lock. (`_int_free_chunk`)
  func free(_ chunk: ArenaChunk, _ register: ArenaRegister) {
    statistics.pointee.frees &+= 1
    guard chunk != top, chunk.isInUse else { pb_fail_pointer("an object was freed twice", chunk.object) }
    let size = join(chunk, chunk.size)
    if size >= Self.leastTrimmed { trim(register) }
  }

  /// Joins a chunk that nobody uses and that is in no list with its neighbours; the size of the whole.
  @discardableResult
  func join(_ chunk: ArenaChunk, _ bytes: Int) -> Int {
    var (chunk, size) = (chunk, bytes)
    let behind = chunk.advanced(size)
    if !chunk.isBeforeInUse {
      let before = chunk.before
      guard before.size == chunk.sizeBefore else { pb_fail_pointer("a free chunk's sizes disagree", before.object) }
      unlink(before)
      statistics.pointee.merges &+= 1
      size &+= before.size
      chunk = before
    }
    if behind == top {
      size &+= behind.size
      chunk.field = size | ArenaChunk.beforeInUse
      top = chunk
      return size
    }
    if !behind.isInUse {
      unlink(behind)
      statistics.pointee.merges &+= 1
      size &+= behind.size
    }
    chunk.markFree(size)
    insertUnsorted(chunk, size)
    return size
  }

  /// Changes the size of a chunk in use to `bytes` where it lies; false if it cannot. Under the lock. (`_int_realloc`)
  func resize(_ chunk: ArenaChunk, to bytes: Int, _ register: ArenaRegister) -> Bool {
    let size = chunk.size
    if bytes > size {
      let behind = chunk.next
      if behind == top {
        guard size &+ behind.size >= bytes &+ ArenaChunk.leastBytes else { return false }
        let rest = chunk.advanced(bytes)
        let left = size &+ behind.size &- bytes
        chunk.resize(bytes)
        rest.field = left | ArenaChunk.beforeInUse
        top = rest
        return true
      }
      guard !behind.isInUse, size &+ behind.size >= bytes else { return false }
      unlink(behind)
      statistics.pointee.merges &+= 1
      chunk.resize(size &+ behind.size)
      chunk.markInUse()
    }
    cutEnd(chunk, bytes)
    return true
  }

  /// Gives back what a chunk in use has beyond `bytes`, if that is a chunk.
  func cutEnd(_ chunk: ArenaChunk, _ bytes: Int) {
    let left = chunk.size &- bytes
    if left < ArenaChunk.leastBytes { return }
    statistics.pointee.splits &+= 1
    let rest = chunk.advanced(bytes)
    chunk.resize(bytes)
    rest.field = left | ArenaChunk.beforeInUse
    join(rest, left)
  }

  /// Gives back what a chunk in use has before `offset`, at least a chunk; the chunk that is left.
  func cutBeginning(_ chunk: ArenaChunk, _ offset: Int) -> ArenaChunk {
    statistics.pointee.splits &+= 1
    let rest = chunk.advanced(offset)
    rest.field = (chunk.size &- offset) | ArenaChunk.beforeInUse
    chunk.resize(offset)
    join(chunk, offset)
    return rest
  }
}
