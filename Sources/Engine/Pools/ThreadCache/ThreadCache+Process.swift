import CPlatform
import Synchronization

/// The pool as a program's `malloc` is called: out of line, unsized unless told, the cache found in the thread's seat.
/// While a call is between `enter` and `leave`, nobody takes the cache away; see `ThreadHeap+Idle.swift`. The fast paths
/// need no stack frame: what is slow is left by a jump, and ends the call itself.
extension ThreadCacheRef {
  @inline(__always)
  fileprivate static func enter() -> ThreadCacheRef { ThreadCacheRef(raw: pb_cache_enter()) }
  @inline(__always)
  fileprivate static func leave() { pb_cache_leave() }
}

/// `malloc`.
@inline(never)
func threadCacheAllocate(_ size: Int) -> UnsafeMutableRawPointer? {
  let cache = ThreadCacheRef.enter()
  guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize) else { return allocateMedium(size, cache) }
  guard let object = cache.pop(cache.smallList(size)) else { return allocateSlowly(size, cache) }
  ThreadCacheRef.leave()
  return object
}

/// Where the table has no entry.
@inline(never)
private func allocateMedium(_ size: Int, _ cache: ThreadCacheRef) -> UnsafeMutableRawPointer? {
  guard UInt(bitPattern: size) <= UInt(SizeClass.largestSize),
    let object = cache.pop(cache.list(SizeClass.indexAboveTable(size)))
  else { return allocateSlowly(size, cache) }
  ThreadCacheRef.leave()
  return object
}

@inline(never)
private func allocateSlowly(_ size: Int, _ cache: ThreadCacheRef) -> UnsafeMutableRawPointer? {
  defer { ThreadCacheRef.leave() }
  return cache.allocateBeyondLists(size)
}

/// `free`, without the size.
@inline(never)
func threadCacheFree(_ pointer: UnsafeMutableRawPointer) {
  let cache = ThreadCacheRef.enter()
  guard cache.push(pointer, cache.list(Int(cache.classes[Page.index(of: pointer)]))) else {
    return freeSlowly(pointer, cache)
  }
  ThreadCacheRef.leave()
}

@inline(never)
private func freeSlowly(_ pointer: UnsafeMutableRawPointer, _ cache: ThreadCacheRef) {
  cache.freeSlowly(pointer, Int(cache.classes[Page.index(of: pointer)]))
  ThreadCacheRef.leave()
}

/// Sized `free`.
@inline(never)
func threadCacheFree(_ pointer: UnsafeMutableRawPointer, size: Int) {
  let cache = ThreadCacheRef.enter()
  guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize), !cache.inexact.pointee.load(ordering: .relaxed),
    cache.push(pointer, cache.smallList(size))
  else { return freeSlowly(pointer, cache, size: size) }
  ThreadCacheRef.leave()
}

@inline(never)
private func freeSlowly(_ pointer: UnsafeMutableRawPointer, _ cache: ThreadCacheRef, size: Int) {
  cache.free(pointer, size: size)
  ThreadCacheRef.leave()
}

@inline(never)
func threadCacheAllocateZeroed(_ size: Int) -> UnsafeMutableRawPointer? {
  let object = ThreadCacheRef.enter().allocateZeroed(size)
  ThreadCacheRef.leave()
  return object
}

@inline(never)
func threadCacheAllocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
  let object = ThreadCacheRef.enter().allocateAligned(size, alignment)
  ThreadCacheRef.leave()
  return object
}

@inline(never)
func threadCacheResize(
  _ pointer: UnsafeMutableRawPointer, to size: Int, exact: Bool
) -> UnsafeMutableRawPointer? {
  let moved = ThreadCacheRef.enter().resize(pointer, to: size, exact: exact)
  ThreadCacheRef.leave()
  return moved
}
