import CPlatform

/// Objects with a mapping of their own.
extension ArenaRegister {
  /// `DEFAULT_MMAP_THRESHOLD`, and the most to which it moves.
  static var leastThreshold: Int { 128 << 10 }
  private static var mostThreshold: Int { 32 << 20 }
  /// `DEFAULT_MMAP_MAX`
  private static var mostMappings: Int { 65_536 }

  var large: UnsafeMutablePointer<LargeObjects> {
    (raw + 136).assumingMemoryBound(to: LargeObjects.self)
  }
  private func withLarge<Result>(_ body: (inout LargeObjects) -> Result) -> Result {
    let lock = (raw + 128).assumingMemoryBound(to: UInt32.self)
    _ = pb_lock_acquire(lock)
    defer { pb_lock_release(lock) }
    return body(&large.pointee)
  }

  /// Whether a chunk of `bytes` that no arena has gets a mapping.
  func wantsMapping(_ bytes: Int) -> Bool {
    bytes >= mappingThreshold && pb_load_relaxed(word(112)) < Self.mostMappings
  }

  func map(_ size: Int, alignment: Int) -> UnsafeMutableRawPointer? {
    let object: UnsafeMutableRawPointer? = withLarge {
      guard let object = $0.allocate(size, alignment: alignment) else { return nil }
      word(160).pointee &+= 1
      pb_store_relaxed(word(112), pb_load_relaxed(word(112)) &+ 1)
      return object
    }
    if let object { tag(object) }
    return object
  }

  /// Writes the size before the object, as in any other.
  private func tag(_ object: UnsafeMutableRawPointer) {
    let bytes = LargeObjects.usableSize(object) + ArenaChunk.headerBytes
    ArenaChunk(object: object).field = bytes | ArenaChunk.mappedFlag
  }

  /// Unmaps an object. That it was freed tells that objects of its size come and go: such are cut from arenas from now
  /// on. (The dynamic threshold of glibc 2.5.)
  func unmap(_ object: UnsafeMutableRawPointer) {
    let bytes = ArenaChunk(object: object).size
    if bytes > mappingThreshold, bytes <= Self.mostThreshold {
      pb_store_relaxed(word(96), bytes)
      pb_store_relaxed(word(104), 2 &* bytes)
    }
    withLarge {
      $0.free(object)
      pb_store_relaxed(word(112), pb_load_relaxed(word(112)) &- 1)
    }
  }

  /// (`mremap_chunk`)
  func remap(_ object: UnsafeMutableRawPointer, to size: Int) -> UnsafeMutableRawPointer? {
    let moved = withLarge { $0.resize(object, to: size) }
    if let moved { tag(moved) }
    return moved
  }
}
