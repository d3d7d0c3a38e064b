import TestSupport
import Testing
import Workload

/// Parses text that needs no files.
func parse(
  _ text: String, fileName: String = "test.txt", overrides: WorkloadOverrides = WorkloadOverrides(),
  files: [String: String] = [:]
) -> ParseResult {
  WorkloadDescription.parse(Array(text.utf8), fileName: fileName, overrides: overrides) { path in
    files[path].map { .success(Array($0.utf8)) } ?? .failure(HistogramFileError("no such file"))
  }
}

@Suite struct DescriptionRoundTripTests {
  @Test(arguments: 1...5) func `printing and parsing give the same description`(seed: UInt64) throws {
    var generator = RandomDescription(seed: seed, largestScale: seed == 1 ? 16_384 : 40)
    for _ in 0..<(seed == 1 ? 10 : 50) {
      let description = generator.next()
      let text = description.canonicalText
      let result = parse(text)
      let errors = result.diagnostics.filter { $0.severity == .error }
      #expect(errors.isEmpty, "\(errors.map { $0.render(fileName: "test.txt") }) in\n\(text)")
      let parsed = try #require(result.description)
      #expect(parsed == description, "\(text)")
      #expect(parsed.canonicalText == text)
    }
  }

  @Test func `the generator makes different descriptions, the same for a seed`() {
    var (first, again, other) = (RandomDescription(seed: 1), RandomDescription(seed: 1), RandomDescription(seed: 2))
    let one = first.next()
    #expect(one == again.next())
    #expect(one != other.next())
    #expect(one != first.next())
  }
}
