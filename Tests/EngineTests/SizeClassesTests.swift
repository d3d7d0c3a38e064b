import Testing

@testable import Engine

@Suite("Size classes")
struct SizeClassesTests {
  @Test("The class of a size is the smallest that holds it")
  func smallestThatFits() {
    var expected = 0
    for size in 0...SizeClasses.largest {
      while SizeClasses.blockSize(expected) < size { expected += 1 }
      guard SizeClasses.index(of: size) == expected else {
        Issue.record("size \(size) is in class \(SizeClasses.index(of: size)), not \(expected)")
        return
      }
    }
    #expect(expected == SizeClasses.count - 1)
    #expect(SizeClasses.blockSize(expected) == SizeClasses.largest)
  }

  @Test("Beyond 128 bytes less than an eighth of a request is wasted, below less than 16 bytes")
  func wasteIsBounded() {
    for index in 1..<SizeClasses.count {
      let (below, block) = (SizeClasses.blockSize(index - 1), SizeClasses.blockSize(index))
      let largestWaste = block - below - 1
      if block > 128 { #expect(largestWaste * 8 < below + 1) } else { #expect(largestWaste < 16) }
      #expect(block % 16 == 0)
    }
  }

  @Test("The table says the same")
  func tableAgrees() {
    withUnsafeTemporaryAllocation(byteCount: SizeClasses.tableBytes, alignment: 8) { table in
      SizeClasses.writeTable(to: table.baseAddress!)
      for size in 0...SizeClasses.tableLimit { #expect(Int(table[(size + 7) >> 3]) == SizeClasses.index(of: size)) }
    }
  }
}
