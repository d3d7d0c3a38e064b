import CPlatform
import Glibc

extension NginxPool {
  /// A large object's place in the list; `object` is nil once it was freed.
  struct Large {
    var next: UnsafeMutablePointer<Large>?
    var object: UnsafeMutableRawPointer?
  }

  /// Nodes that are looked at for an empty one.
  static let nodesReused = 5

  /// From malloc, in the first of five nodes that is empty or in a new one. O(1).
  @inline(never)
  func allocateLarge(_ size: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest, let object = pb_heap_allocate(size) else { return nil }
    header.pointee.counts.pointee.large &+= 1
    var node = header.pointee.large
    for _ in 0..<Self.nodesReused {
      guard let visited = node else { break }
      if visited.pointee.object == nil {
        visited.pointee.object = object
        header.pointee.counts.pointee.nodesReused &+= 1
        return object
      }
      node = visited.pointee.next
    }
    return enter(object)
  }

  /// From malloc at a multiple of `alignment`, a power of two, whatever the size, and in a node of its own. nginx's
  /// `ngx_pmemalign`, but for a multiple of 8 bytes, as what is bumped has.
  func allocateAligned(_ size: Int, _ alignment: Int) -> UnsafeMutableRawPointer? {
    guard UInt(bitPattern: size) <= SystemMemory.largestRequest, alignment <= SystemMemory.largestRequest,
      let object = pb_heap_allocate_aligned(SystemMemory.rounded(size, to: Self.alignment), alignment)
    else { return nil }
    header.pointee.counts.pointee.large &+= 1
    return enter(object)
  }

  /// In a new node at the list's head; the object is freed and nil is returned where there is no room for the node.
  private func enter(_ object: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    guard let memory = allocate(MemoryLayout<Large>.size) else {
      pb_heap_free(object)
      return nil
    }
    let node = memory.bindMemory(to: Large.self, capacity: 1)
    node.initialize(to: Large(next: header.pointee.large, object: object))
    header.pointee.large = node
    return object
  }

  /// Frees a large object. False, and nothing done, for any other address: small objects end with the pool. O(large
  /// objects).
  func free(_ object: UnsafeMutableRawPointer) -> Bool {
    var node = header.pointee.large
    while let visited = node {
      if visited.pointee.object == object {
        pb_heap_free(object)
        visited.pointee.object = nil
        return true
      }
      node = visited.pointee.next
    }
    return false
  }

  @inline(never)
  func freeLarge() {
    var node = header.pointee.large
    while let visited = node {
      if let object = visited.pointee.object { pb_heap_free(object) }
      node = visited.pointee.next
    }
  }
}

// MARK: - Cleanups

extension NginxPool {
  typealias Handler = @convention(c) (UnsafeMutableRawPointer?) -> Void

  struct Cleanup {
    /// Set by who registers it; nil: nothing is run.
    var run: Handler?
    var data: UnsafeMutableRawPointer?
    var next: UnsafeMutablePointer<Cleanup>?
  }

  /// What `closeFile` is told.
  struct OpenFile {
    let descriptor: Int32
  }

  /// Closes the file of an `OpenFile`.
  static let closeFile: Handler = { data in
    if let file = data?.assumingMemoryBound(to: OpenFile.self) { _ = close(file.pointee.descriptor) }
  }

  /// A cleanup without a handler, and `size` bytes of data for it where `size` is not 0; nil when out of memory.
  func addCleanup(_ size: Int) -> UnsafeMutablePointer<Cleanup>? {
    guard let memory = allocate(MemoryLayout<Cleanup>.size) else { return nil }
    var data: UnsafeMutableRawPointer?
    if size > 0 {
      data = allocate(size)
      if data == nil { return nil }
    }
    let cleanup = memory.bindMemory(to: Cleanup.self, capacity: 1)
    cleanup.initialize(to: Cleanup(run: nil, data: data, next: header.pointee.cleanup))
    header.pointee.cleanup = cleanup
    return cleanup
  }

  /// Runs the youngest `closeFile` for `descriptor` ahead of time. O(cleanups).
  func runCleanup(ofFile descriptor: Int32) {
    var cleanup = header.pointee.cleanup
    while let visited = cleanup {
      if let run = visited.pointee.run, Self.isSame(run, Self.closeFile),
        visited.pointee.data?.assumingMemoryBound(to: OpenFile.self).pointee.descriptor == descriptor
      {
        run(visited.pointee.data)
        visited.pointee.run = nil
        return
      }
      cleanup = visited.pointee.next
    }
  }

  private static func isSame(_ one: Handler, _ other: Handler) -> Bool {
    unsafeBitCast(one, to: UInt.self) == unsafeBitCast(other, to: UInt.self)
  }

  @inline(never)
  func runCleanups() {
    var cleanup = header.pointee.cleanup
    while let visited = cleanup {
      visited.pointee.run?(visited.pointee.data)
      cleanup = visited.pointee.next
    }
  }
}
