import Testing

@testable import Engine

@Suite("What a replay writes to objects")
struct ReplayTouchTests {
  /// How many bytes are 1 in each stretch of 8, of an object of `size` bytes with a word behind it.
  private func touched(_ kind: TouchKind, from start: Int = 0, _ size: Int) -> [Int: Int] {
    let object = UnsafeMutableRawPointer.allocate(byteCount: size + 8, alignment: 16)
    defer { object.deallocate() }
    object.initializeMemory(as: UInt8.self, repeating: 0xAA, count: size + 8)
    if start == 0 { kind.write(object, size) } else { kind.write(object, from: start, to: size) }
    var counts: [Int: Int] = [:]
    for offset in 0..<size + 8 where object.load(fromByteOffset: offset, as: UInt8.self) != 0xAA {
      counts[offset / 8, default: 0] += 1
    }
    return counts
  }

  @Test("first: the first 8 bytes, the first byte of a smaller object, nothing of what has grown", arguments: 0...24)
  func first(size: Int) {
    #expect(touched(.first, size) == (size >= 8 ? [0: 8] : size > 0 ? [0: 1] : [:]))
    if size > 9 { #expect(touched(.first, from: 9, size).isEmpty) }
  }

  @Test("all: every byte and none behind", arguments: [0, 1, 7, 8, 9, 24])
  func all(size: Int) { #expect(touched(.all, size).values.reduce(0, +) == size) }

  @Test("none: nothing; pages: a byte each 4 KiB")
  func others() {
    #expect(touched(.none, 64).isEmpty)
    #expect(touched(.pages, 9000) == [0: 1, 512: 1, 1024: 1])
  }
}
