import Testing
import Workload

/// Parameters, and what the command line changes.
@Suite struct DescriptionOverrideTests {
  @Test func `a parameter stands for any part of a value, in itself too`() throws {
    let text = """
      [parameters]
      n = 2K
      p = 40
      d = uniform(1, $n)
      args = 8, 9
      c = a
      [objects a]
      size = mixture($p% $d, 60% uniform($args))
      lifetime = $n
      [phase p]
      mix = $c $p%, b 60%
      rate = $n/s
      [objects b]
      size = 1
      lifetime = 0
      """
    let result = try DescriptionMeaningTests.description(text)
    #expect(
      result.classes[0].size
        == Distribution(
          .mixture([
            Weighted(Distribution(.uniform(1, 2048)), weight: 40), Weighted(Distribution(.uniform(8, 9)), weight: 60),
          ])))
    #expect(result.classes[0].lifetime == .drawn(.fixed(2000)))
    #expect(result.phases[0].mix.map(\.weight) == [40, 60])
    #expect(result.phases[0].rate == 2000)
    #expect(result.parameters.first == Parameter(name: "n", value: "2K"))
    let changed = try DescriptionMeaningTests.description(
      text,
      overrides: WorkloadOverrides(parameters: [Parameter(name: "n", value: "9"), Parameter(name: "n", value: "3")]))
    #expect(changed.classes[0].lifetime == .drawn(.fixed(3)))
    #expect(changed.parameters.first == Parameter(name: "n", value: "3"))
  }

  @Test func `the command line replaces seed and threads and scales the operations`() throws {
    let text =
      "seed = 3\nthreads = 2\nsize = 1\nlifetime = 0\n[phase p]\noperations = 30\n[phase q]\noperations = 70\n"
      + "[phase r]\noperations = 1\n"
    func changed(_ operations: UInt64) throws -> [UInt64] {
      try DescriptionMeaningTests.description(text, overrides: WorkloadOverrides(operations: operations)).phases.map(
        \.operations)
    }
    let result = try DescriptionMeaningTests.description(text, overrides: WorkloadOverrides(seed: 9, threads: 5))
    #expect(result.seed == 9)
    #expect(result.threads == 5)
    #expect(result.phases.map(\.threads) == [5, 5, 5])
    #expect(result.phases.map(\.operations) == [30, 70, 1])
    #expect(try changed(101) == [30, 70, 1])
    #expect(try changed(1_010_000_000_000_000 / 2).reduce(0, +) == 505_000_000_000_000)
    #expect(try changed(1) == [1, 1, 1])
  }

  @Test(
    arguments: [
      (WorkloadOverrides(threads: 0), "test.txt: error: --threads 0: there can be 1 to 1024 lanes"),
      (WorkloadOverrides(operations: 0), "test.txt: error: --operations 0: a lane can make 1 to 1000000000000000"),
      (
        WorkloadOverrides(parameters: [Parameter(name: "m", value: "1")]),
        "test.txt: error: --set m: the workload has no such parameter; it has none"
      ),
    ])
  func `a command line that doesn't fit is a fault without a place`(overrides: WorkloadOverrides, message: String) {
    let result = parse("size = 1\nlifetime = 0", overrides: overrides)
    #expect(result.description == nil)
    #expect(result.diagnostics.map { $0.render(fileName: "test.txt") }.contains { $0.hasPrefix(message) })
  }

  @Test func `threads of the command line are a fault where a phase names its own`() {
    let text = "size = 1\nlifetime = 0\n[phase p]\nthreads = 2"
    let errors = parse(text, overrides: WorkloadOverrides(threads: 3)).diagnostics
    #expect(errors.map(\.line) == [4])
    #expect(errors.map(\.column) == [11])
  }

  @Test(arguments: ["", " 5", "5 # c", "5\n6", "(", "\"", "\u{7}", "5 "])
  func `a text that isn't a value can't be set`(value: String) {
    let text = "size = $n\nlifetime = 0\n[parameters]\nn = 1"
    let overrides = WorkloadOverrides(parameters: [Parameter(name: "n", value: value)])
    #expect(parse(text, overrides: overrides).diagnostics.contains { $0.line == 0 && $0.message.contains("--set n=") })
  }
}
