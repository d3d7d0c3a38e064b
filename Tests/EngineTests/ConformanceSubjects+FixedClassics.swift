import Workload

@testable import Engine

extension ConformanceSubject {
  static let fixedClassics: [ConformanceSubject] = [
    ConformanceSubject("fixed-block, 48 bytes", FixedBlockPool.self, classic(48, .fixedBlock, alignment: 8)),
    ConformanceSubject("fixed-block, 5 bytes", FixedBlockPool.self, classic(5, .fixedBlock, alignment: 8)),
    ConformanceSubject("fixed-block, 100000 bytes", FixedBlockPool.self, classic(100_000, .fixedBlock, alignment: 8)),
    ConformanceSubject("fixed-chunk, 48 bytes", FixedChunkPool.self, classic(48, .fixedChunk, alignment: 8)),
    ConformanceSubject("fixed-chunk, 5 bytes", FixedChunkPool.self, classic(5, .fixedChunk, alignment: 8)),
    ConformanceSubject("fixed-chunk, 100000 bytes", FixedChunkPool.self, classic(100_000, .fixedChunk, alignment: 8)),
    ConformanceSubject(
      "fixed-index, 48 bytes", FixedIndexPool<ModuloCheck>.self, classic(48, .fixedIndex, alignment: 4)),
    ConformanceSubject("fixed-index, 3 bytes", FixedIndexPool<ModuloCheck>.self, classic(3, .fixedIndex, alignment: 4)),
    ConformanceSubject(
      "fixed-index[check=power-of-two], 64 bytes", FixedIndexPool<PowerOfTwoCheck>.self,
      classic(64, .fixedIndex, alignment: 4)),
    ConformanceSubject("thread-cache[profile=gperf]", TierPool<GperfProfile>.self, gperf),
    ConformanceSubject("thread-cache[profile=gperf,inline]", InlineTierPool<GperfProfile>.self, gperf),
    ConformanceSubject("thread-cache[profile=tutorial]", TierPool<TutorialProfile>.self, shared(tutorial)),
    ConformanceSubject(
      "thread-cache[profile=tutorial,inline]", InlineTierPool<TutorialProfile>.self, shared(tutorial)),
  ]

  /// What a lane leaves in transfer slots serves whole batches alone, which a lane that begins slowly does not ask for:
  /// there is no sharing to expect at once.
  private static var gperf: ConformanceTraits {
    var traits = ConformanceTraits()
    traits.freesForeignObjects = true
    return traits
  }

  private static var tutorial: ConformanceTraits {
    var traits = ConformanceTraits()
    traits.alignment = 8
    return traits
  }

  private static func classic(_ size: Int, _ base: Subject.Base, alignment: Int) -> ConformanceTraits {
    var traits = fixed(size)
    traits.subject = Subject(base)
    traits.alignment = alignment
    traits.largestAlignment = alignment
    return traits
  }
}
