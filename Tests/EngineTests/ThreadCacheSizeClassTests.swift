import CPlatform
import Testing

@testable import Engine

@Suite struct ThreadCacheSizeClassTests {
  @Test func `every size to 256 KiB gets the smallest class that holds it`() {
    var previous = SizeClass(fitting: 1)
    #expect(previous.index == 1)
    for size in 1...SizeClass.largestSize {
      let sizeClass = SizeClass(fitting: size)
      guard sizeClass.objectSize >= size,
        sizeClass.index == 1 || SizeClass(index: sizeClass.index - 1).objectSize < size,
        sizeClass.index >= previous.index
      else {
        Issue.record("size \(size) got class \(sizeClass.index) of \(sizeClass.objectSize) bytes")
        return
      }
      previous = sizeClass
    }
    #expect(previous.index == SizeClass.count - 1)
  }

  @Test func `an object wastes less than an eighth of its block, up to 1 KiB a sixteenth, or less than 16 bytes`() {
    for size in 1...SizeClass.largestSize {
      let block = SizeClass(fitting: size).objectSize
      guard block - size < 16 || (block - size) * (size <= 1024 ? 16 : 8) < block else {
        Issue.record("size \(size) wastes \(block - size) of \(block) bytes")
        return
      }
    }
  }

  @Test func `blocks are multiples of 16 from 16 on, and each power of two has its own`() {
    for index in 2..<SizeClass.count { #expect(SizeClass(index: index).objectSize % 16 == 0) }
    for power in 3...18 { #expect(SizeClass(fitting: 1 << power).objectSize == 1 << power) }
  }

  @Test(arguments: 1..<SizeClass.count) func `spans hold half a batch and leave little over`(index: Int) {
    let sizeClass = SizeClass(index: index)
    let facts = SizeClassFacts(sizeClass)
    let bytes = sizeClass.spanPages * Page.size
    #expect(Int(facts.capacity) >= max(sizeClass.batch / 2, 1))
    #expect((bytes - Int(facts.capacity) * sizeClass.objectSize) * 32 <= bytes)
    #expect(sizeClass.spanPages <= 64)
    #expect(sizeClass.batch >= 1 && sizeClass.batch <= 64)
  }

  @Test func `the table in a cache agrees with the formula`() throws {
    try withThreadHeap { _, cache in
      for size in 0...SizeClass.largestTableSize {
        #expect(cache.smallList(size) == cache.list(SizeClass(fitting: size).index))
      }
    }
  }

  @Test func `the parts of a cache don't overlap`() {
    #expect(ThreadCacheRef.classesOffset == SizeClass.count * MemoryLayout<ThreadCacheRef.FreeList>.stride)
    #expect(ThreadCacheRef.tableOffset + SizeClass.largestTableSize + 1 <= ThreadCacheRef.inexactOffset)
    #expect(ThreadCacheRef.inexactOffset < ThreadCacheRef.stateOfClassesOffset)
    #expect(
      ThreadCacheRef.stateOfClassesOffset + SizeClass.count * MemoryLayout<ThreadCacheRef.ClassState>.stride
        <= ThreadCacheRef.linksOffset)
    #expect(ThreadCacheRef.linksOffset + MemoryLayout<ThreadLinks>.size <= ThreadCacheRef.stateOffset)
    #expect(ThreadCacheRef.stateOffset + MemoryLayout<ThreadState>.size <= ThreadCacheRef.slotsOffset)
    #expect(MemoryLayout<ThreadCacheRef.FreeList>.stride == 8)
    #expect(MemoryLayout<ThreadCacheRef.ClassState>.stride == 16)
    #expect(ThreadCacheRef.slotsOffset <= Int(PB_NO_CACHE_BYTES))
    #expect(ThreadCacheRef.byteCount <= 72 << 10)
  }
}
