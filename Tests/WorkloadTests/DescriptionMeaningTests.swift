import Testing
import Workload

/// What each key comes to mean.
@Suite struct DescriptionMeaningTests {
  /// The description, with every diagnostic shown if there is none.
  static func description(_ text: String, overrides: WorkloadOverrides = WorkloadOverrides()) throws
    -> WorkloadDescription
  {
    let result = parse(
      text, overrides: overrides, files: ["sizes.csv": "\u{FEFF}value,weight\r\n8, 2.5e0\r\n\n# x\n16,0\n32,1"])
    let shown = result.diagnostics.map { $0.render(fileName: "test.txt") }.joined(separator: "\n")
    return try #require(result.description, Comment(rawValue: shown))
  }

  /// The only class of a file with these entries.
  static func objects(_ entries: String) throws -> ObjectClass {
    try description("[objects a]\n\(entries)\n[scope s]\nlength = 5\n").classes[0]
  }

  static func size(_ value: String) throws -> Distribution { try objects("size = \(value)\nlifetime = 0").size }

  static func phase(_ entries: String) throws -> Phase {
    try description("threads = 4\nsize = 8\nlifetime = 0\n[phase p]\n\(entries)").phases[0]
  }

  // MARK: Defaults

  @Test func `the smallest file has a class, a phase and every default`() throws {
    let expected = WorkloadDescription(
      name: "pairs",
      classes: [ObjectClass(name: "all", size: .fixed(64), lifetime: .drawn(.fixed(0)))],
      phases: [Phase(name: "main", operations: 10_000_000, threads: 1, mix: [ClassShare(classIndex: 0, weight: 1)])])
    let result = parse("operations = 10M\nsize = 64\nlifetime = 0", fileName: "workloads/pairs.txt")
    #expect(result.description == expected)
    #expect(result.diagnostics.isEmpty)
    #expect(try Self.description("size = 64\nlifetime = 0").phases[0].operations == 1_000_000)
  }

  @Test func `line ends, a byte-order mark, comments and blank lines make no difference`() throws {
    let plain = try Self.description("size = 64\nlifetime = 0\n")
    #expect(try Self.description("\u{FEFF}\r\n# c\r\nsize\t=64 # c\r\n\r\n  lifetime =\t0") == plain)
  }

  @Test func `the top of the file is read`() throws {
    let all = try Self.description(
      "name = x.y\ndescription = half (of\n  it), 100 % # c\nformat = 1\nseed = 18446744073709551615\nthreads = 1024\n"
        + "operations = 1.5K\nsize = 1\nlifetime = 0")
    #expect(all.name == "x.y")
    #expect(all.summary == "half (of it), 100 %")
    #expect(all.seed == .max)
    #expect(all.threads == 1024)
    #expect(all.phases[0].threads == 1024)
    #expect(all.phases[0].operations == 1500)
    #expect(try Self.description("description = \"a # b\"\nsize = 1\nlifetime = 0").summary == "a # b")
    #expect(try Self.description("name = \"a b\"\nsize = 1\nlifetime = 0").name == "a b")
  }

  // MARK: Classes

  @Test func `numbers take the unit that their key means`() throws {
    #expect(try Self.size("1.5K") == .fixed(1536))
    #expect(try Self.size("2G") == .fixed(1 << 31))
    #expect(try Self.size("4_000") == .fixed(4000))
    #expect(try Self.size("exponential(0.5K, max=32K)") == Distribution(.exponential(mean: 512), maximum: 32768))
    #expect(try Self.objects("size = 1\nlifetime = 1.5K").lifetime == .drawn(.fixed(1500)))
    #expect(
      try Self.objects("size = 1\nlifetime = exponential(4K, max=1M)").lifetime
        == .drawn(Distribution(.exponential(mean: 4000), maximum: 1_000_000)))
  }

  static let distributions: [(String, Distribution)] = [
    ("7", .fixed(7)),
    ("fixed(7)", .fixed(7)),
    ("fixed(n=0, min=0)", Distribution(.fixed(0), minimum: 0)),
    ("uniform(1, 9)", Distribution(.uniform(1, 9))),
    ("uniform(b=9, a=1)", Distribution(.uniform(1, 9))),
    ("normal(64, 8.5)", Distribution(.normal(mean: 64, deviation: 8.5))),
    (
      "normal(mean=64, sd=8, min=1, max=1K)", Distribution(.normal(mean: 64, deviation: 8), minimum: 1, maximum: 1024)
    ),
    ("lognormal(64, sigma=1.2)", Distribution(.lognormal(median: 64, sigma: 1.2))),
    ("exponential(mean=10)", Distribution(.exponential(mean: 10))),
    ("geometric(10)", Distribution(.geometric(mean: 10))),
    ("gamma(2, 64)", Distribution(.gamma(shape: 2, mean: 64))),
    ("pareto(16, 1.5, max=1M)", Distribution(.pareto(minimum: 16, alpha: 1.5), maximum: 1 << 20)),
    ("pareto(min=16, alpha=1.5)", Distribution(.pareto(minimum: 16, alpha: 1.5))),
    ("zipf(100, 0.9)", Distribution(.zipf(count: 100, exponent: 0.9))),
    ("zipf(n=100, s=0.9)", Distribution(.zipf(count: 100, exponent: 0.9))),
    ("choice(8:3, 1K:0, 16:1)", Distribution(.choice([Weighted(8, weight: 3), Weighted(16, weight: 1)]))),
    (
      "choice(8:33.3%, 16:66.6%, max=9)",
      Distribution(.choice([Weighted(8, weight: 33.3), Weighted(16, weight: 66.6)]), maximum: 9)
    ),
    (
      "quantiles(0%:1, 99.5%:1, 100%:2K)",
      Distribution(
        .quantiles([
          Quantile(percent: 0, value: 1), Quantile(percent: 99.5, value: 1), Quantile(percent: 100, value: 2048),
        ]))
    ),
    (
      "histogram(\"sizes.csv\", min=4)",
      Distribution(
        .histogram(path: "sizes.csv", [Weighted(8, weight: 2.5), Weighted(32, weight: 1)]), minimum: 4)
    ),
    (
      "mixture(70% lognormal(48, 1), 30% 4K)",
      Distribution(
        .mixture([
          Weighted(Distribution(.lognormal(median: 48, sigma: 1)), weight: 70), Weighted(.fixed(4096), weight: 30),
        ]))
    ),
    (
      "mixture(\n  2 uniform(1, 2),  # two lines\n  1 fixed(8)\n)",
      Distribution(.mixture([Weighted(Distribution(.uniform(1, 2)), weight: 2), Weighted(.fixed(8), weight: 1)]))
    ),
  ]

  @Test(arguments: distributions)
  func `every distribution is read`(value: String, expected: Distribution) throws {
    #expect(try Self.size(value) == expected)
  }

  @Test func `the distributions read are of every family`() {
    for family in Distribution.Family.allCases {
      #expect(Self.distributions.contains { $0.0.hasPrefix("\(family.rawValue)(") }, "\(family)")
    }
  }

  @Test func `the entries read are of every key`() {
    let classKeys = Set(Self.classEntries.map { String($0.0.prefix { $0 != " " }) } + ["size", "lifetime"])
    let phaseKeys = Set(Self.phaseEntries.map { String($0.0.prefix { $0 != " " }) })
    #expect(classKeys == Set(FormatSection.objects.keys.map(\.rawValue)))
    #expect(phaseKeys == Set(FormatSection.phase.keys.map(\.rawValue)))
  }

  @Test(
    arguments: [
      ("forever", .forever), ("scope(s)", .scope(0)), ("fifo(2K)", .fifo(2000)), ("lifo(1)", .lifo(1)),
      ("0", .drawn(.fixed(0))), ("uniform(0, 5)", .drawn(Distribution(.uniform(0, 5)))),
    ] as [(String, Lifetime)])
  func `every lifetime is read`(value: String, expected: Lifetime) throws {
    #expect(try Self.objects("size = 1\nlifetime = \(value)").lifetime == expected)
  }

  static let classEntries: [(String, @Sendable (inout ObjectClass) -> Void)] = [
    ("call = calloc", { $0.calls = [CallShare(call: .calloc, weight: 1)] }),
    ("call = aligned(4K)", { $0.calls = [CallShare(call: .aligned(4096), weight: 1)] }),
    (
      "call = malloc 2, aligned(64) 1",
      { $0.calls = [CallShare(call: .malloc, weight: 2), CallShare(call: .aligned(64), weight: 1)] }
    ),
    ("call = malloc 100%, calloc 0%", { $0.calls = [CallShare(call: .malloc, weight: 100)] }),
    ("touch = none", { $0.touch = .none }), ("touch = first", { $0.touch = .first }),
    ("touch = pages", { $0.touch = .pages }), ("touch = all", { $0.touch = .all }),
    ("access = 0.25", { $0.access = 0.25 }),
    ("write = 12.5%", { $0.write = 0.125 }),
    ("share = 3", { $0.share = 3 }),
    ("resize = 25%", { $0.resize = Resize(share: 0.25) }),
    ("resize = 100% times=3 factor=0.5", { $0.resize = Resize(share: 1, factor: 0.5, times: 3) }),
    ("resize = 0% factor=3", { $0.resize = nil }),
    ("freed-by = owner", { $0.freedByOther = 0 }), ("freed-by = other", { $0.freedByOther = 1 }),
    ("freed-by = other 50%", { $0.freedByOther = 0.5 }),
  ]

  @Test(arguments: classEntries)
  func `every key of a class is read`(entry: String, change: @Sendable (inout ObjectClass) -> Void) throws {
    var expected = ObjectClass(name: "a", size: .fixed(8), lifetime: .drawn(.fixed(9)))
    change(&expected)
    #expect(try Self.objects("size = 8\nlifetime = 9\n\(entry)") == expected)
  }

  // MARK: Scopes and phases

  @Test func `scopes stand inside each other, named before or after`() throws {
    let scopes = try Self.description(
      "size = 1\nlifetime = scope(b)\n[scope b]\ninside = a\nlength = uniform(1, 2)\n[scope a]\nlength = 3"
    ).scopes
    #expect(
      scopes == [
        Scope(name: "b", length: Distribution(.uniform(1, 2)), inside: 1), Scope(name: "a", length: .fixed(3)),
      ])
  }

  static let phaseEntries: [(String, @Sendable (inout Phase) -> Void)] = [
    ("operations = 5", { $0.operations = 5 }),
    ("threads = 2", { $0.threads = 2 }),
    ("consumers = 3", { $0.consumers = 3 }),
    ("mix = all", { $0.mix = [ClassShare(classIndex: 0, weight: 1)] }),
    ("mix = all 100%", { $0.mix = [ClassShare(classIndex: 0, weight: 100)] }),
    ("rate = 1.5K/s", { $0.rate = 1500 }),
    ("thread-life = 10K", { $0.threadLife = 10_000 }), ("thread-life = off", { $0.threadLife = nil }),
    ("at-end = free", { $0.freesAtEnd = true }), ("at-end = keep", { $0.freesAtEnd = false }),
    ("pause = 1.5us", { $0.pauseNanoseconds = 1500 }), ("pause = 20ms", { $0.pauseNanoseconds = 20_000_000 }),
    ("pause = 2s", { $0.pauseNanoseconds = 2_000_000_000 }), ("pause = 0s", { $0.pauseNanoseconds = 0 }),
  ]

  @Test(arguments: phaseEntries)
  func `every key of a phase is read`(entry: String, change: @Sendable (inout Phase) -> Void) throws {
    var expected = Phase(
      name: "p", operations: 1_000_000, threads: 4, mix: [ClassShare(classIndex: 0, weight: 1)])
    change(&expected)
    #expect(try Self.phase(entry) == expected)
  }

  @Test func `a phase without a mix takes all classes by their share`() throws {
    let classes = "[objects a]\nsize = 1\nlifetime = 0\nshare = 3\n[objects b]\nsize = 1\nlifetime = 0\n"
    let mixed = try Self.description(classes + "[phase p]\n[phase q]\nmix = b 3, a 0\n").phases.map(\.mix)
    #expect(mixed[0] == [ClassShare(classIndex: 0, weight: 3), ClassShare(classIndex: 1, weight: 1)])
    #expect(mixed[1] == [ClassShare(classIndex: 1, weight: 3)])
  }

  @Test func `phases without operations take the workload's`() throws {
    let text = "operations = 7\nsize = 1\nlifetime = 0\n[phase p]\n[phase q]\noperations = 9"
    #expect(try Self.description(text).phases.map(\.operations) == [7, 9])
  }
}
