import Testing

@testable import Engine

@Suite("Accesses of the replay")
struct RecorderTests {
  @Test("A read leaves everything as it is, a write changes the bytes it is told", arguments: 1...8)
  func readsAndWrites(bytes: Int) {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 48, alignment: 16)
    defer { memory.deallocate() }
    let idle = memory + 40
    for isWrite in [false, true] {
      memory.initializeMemory(as: UInt8.self, repeating: 0xAA, count: 48)
      var recorder = NoRecorder()
      recorder.access(memory + 16, bytes, isWrite: isWrite, idle: idle)
      for offset in 0..<40 {
        let isObjects = offset >= 16 && offset < 16 + bytes
        let value = memory.load(fromByteOffset: offset, as: UInt8.self)
        #expect((value != 0xAA) == (isObjects && isWrite))
      }
    }
  }
}
