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
  let list: UnsafeMutablePointer<ThreadCacheRef.FreeList>
  if UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize) {
    list = cache.smallList(size)
  } else {
    guard UInt(bitPattern: size) <= UInt(SizeClass.largestSize) else { return allocateSlowly(cache, size) }
    list = cache.list(SizeClass.indexAbove128(size))
  }
  guard let object = list.pop() else { return allocateSlowly(cache, size) }
  ThreadCacheRef.leave()
  return object
}

@inline(never)
private func allocateSlowly(_ cache: ThreadCacheRef, _ size: Int) -> UnsafeMutableRawPointer? {
  defer { ThreadCacheRef.leave() }
  return cache.allocateBeyondLists(size)
}

/// `free`, without the size.
@inline(never)
func threadCacheFree(_ pointer: UnsafeMutableRawPointer) {
  let cache = ThreadCacheRef.enter()
  let sizeClass = Int(cache.classes[Page.index(of: pointer)])
  guard cache.list(sizeClass).push(pointer) else { return freeSlowly(cache, pointer, sizeClass) }
  ThreadCacheRef.leave()
}

@inline(never)
private func freeSlowly(_ cache: ThreadCacheRef, _ pointer: UnsafeMutableRawPointer, _ sizeClass: Int) {
  cache.freeSlowly(pointer, sizeClass)
  ThreadCacheRef.leave()
}

/// Sized `free`.
@inline(never)
func threadCacheFree(_ pointer: UnsafeMutableRawPointer, size: Int) {
  let cache = ThreadCacheRef.enter()
  guard UInt(bitPattern: size) <= UInt(SizeClass.largestTableSize), !cache.inexact.pointee.load(ordering: .relaxed),
    cache.smallList(size).push(pointer)
  else { return freeSlowly(cache, pointer, size: size) }
  ThreadCacheRef.leave()
}

@inline(never)
private func freeSlowly(_ cache: ThreadCacheRef, _ pointer: UnsafeMutableRawPointer, size: Int) {
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
