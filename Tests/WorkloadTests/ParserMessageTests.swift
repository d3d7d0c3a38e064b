import Testing
import Workload

/// Messages as they are shown, and files that are no descriptions.
@Suite struct ParserMessageTests {
  private func rendered(_ text: String, fileName: String = "w.txt") -> String {
    parse(text, fileName: fileName).diagnostics.map { $0.render(fileName: fileName) }.joined(separator: "\n")
  }

  @Test func `messages look like a compiler's, in the order of the file`() {
    let text = """
      name        = web-server
      thread      = 4
      [objects scratch]
      size        = lognorml(median=48, sigma=1.0)
      lifetime    = uniform(1,
        20KB)
      \ttouch\t= \tpagess
      [phase serve]
      mix         = scrach 70%
      """
    let expected = """
      workloads/web-server.txt:2:1: error: 'thread' is not a key of the top of the file; did you mean 'threads'?
          2 | thread      = 4
            | ^~~~~~
      workloads/web-server.txt:4:15: error: 'lognorml' is not a distribution; did you mean 'lognormal'?
          4 | size        = lognorml(median=48, sigma=1.0)
            |               ^~~~~~~~
      workloads/web-server.txt:6:3: error: '20KB': K, M and G are powers of 1,000; write '20K'
          6 |   20KB)
            |   ^~~~
      workloads/web-server.txt:7:11: error: 'pagess' is not a value of 'touch'; did you mean 'pages'?
          7 | \ttouch\t= \tpagess
            | \t     \t  \t^~~~~~
      workloads/web-server.txt:9:15: error: 'scrach' is not a class; did you mean 'scratch'?
          9 | mix         = scrach 70%
            |               ^~~~~~
      workloads/web-server.txt:9:15: error: the shares add up to 70%, not to 100%
          9 | mix         = scrach 70%
            |               ^~~~~~~~~~
      """
    #expect(rendered(text, fileName: "workloads/web-server.txt") == expected)
  }

  @Test func `what has no effect is a warning and the description stands`() {
    let text = """
      operations = 5
      [parameters]
      spare = 7
      [scope used]
      length = 5
      [scope outer]
      length = 5
      [scope idle]
      length = 5
      [scope around]
      length = 5
      [scope within]
      length = 5
      inside = around
      [objects a]
      size = 8
      lifetime = scope(within)
      [objects b]
      size = 8
      lifetime = scope(used)
      [objects c]
      size = 8
      lifetime = 9
      freed-by = other
      [phase p]
      operations = 7
      mix = a 50%, c 50%
      """
    let result = parse(text)
    #expect(result.description != nil)
    #expect(!result.hasErrors)
    #expect(
      result.diagnostics.map { "\($0.line):\($0.column) \($0.message)" } == [
        "1:1 'operations' has no effect: every phase gives its own",
        "3:1 no value uses parameter 'spare'",
        "6:8 no object ends with scope 'outer'",
        "8:8 no object ends with scope 'idle'",
        "18:10 no phase allocates objects of class 'b'",
        "24:12 with one lane there is no other: the owner frees all of them",
      ])
    #expect(result.diagnostics.allSatisfy { $0.severity == .warning })
    #expect(result.diagnostics[0].render(fileName: "x").hasPrefix("x:1:1: warning: 'operations'"))
  }

  @Test func `consumers that receive nothing are a warning`() {
    let result = parse("threads = 2\nsize = 8\nlifetime = 9\n[phase p]\nconsumers = 1")
    #expect(result.description?.phases[0].consumers == 1)
    #expect(result.diagnostics.map(\.message) == ["the consumers have nothing to do: no class is 'freed-by = other'"])
  }

  @Test(
    arguments: [
      (Array("size = 4\n\u{FF}".utf8.dropLast(2)) + [0xFF, 0x31], 2, 1, "not UTF-8 text"),
      (Array("size = ".utf8) + [0xC3, 0x28], 1, 8, "not UTF-8 text"),
      (Array("é = \u{0}".utf8), 1, 5, "it holds a zero byte"),
      (Array(repeating: 0x20, count: (1 << 20) + 1), 0, 0, "longer than 1 MiB"),
      ([], 1, 1, "nothing is allocated"),
      ([0xEF, 0xBB, 0xBF], 1, 1, "nothing is allocated"),
    ] as [([UInt8], Int, Int, String)])
  func `a file that is no text is one fault`(bytes: [UInt8], line: Int, column: Int, message: String) throws {
    let result = WorkloadDescription.parse(bytes, fileName: "x") { _ in .failure(HistogramFileError("none")) }
    #expect(result.description == nil)
    #expect(result.diagnostics.count == 1)
    let fault = try #require(result.diagnostics.first)
    #expect((fault.line, fault.column) == (line, column))
    #expect(fault.message.contains(message))
  }

  @Test func `the longest file is read, and a flood of faults is cut short`() throws {
    let long = "size = 1\nlifetime = 0\n#" + String(repeating: "x", count: (1 << 20) - 23)
    #expect(long.utf8.count == 1 << 20)
    #expect(parse(long).description != nil)
    let flood = parse(String(repeating: "x\n", count: 3000))
    #expect(flood.diagnostics.count == 1001)
    #expect(flood.diagnostics.last?.message == "2001 more faults are not shown")
  }

  @Test func `a long line is shown around the fault`() {
    let line = "size = choice(" + (1...100).map { "\($0):1" }.joined(separator: ", ") + ", 5KB:1)"
    let shown = rendered("\(line)\nlifetime = 0").split(separator: "\n").map(String.init)
    #expect(shown.count == 3)
    #expect(shown.allSatisfy { $0.count < 200 })
    let caret = shown[2].firstIndex(of: "^").map { shown[2].distance(from: shown[2].startIndex, to: $0) }
    #expect(caret.map { String(Array(shown[1])[$0..<$0 + 3]) } == "5KB")
  }

  @Test func `control characters of a file don't reach the terminal`() {
    let shown = rendered("size = 1\u{1B}[2J\nlifetime = 0")
    #expect(!shown.unicodeScalars.contains("\u{1B}"))
    #expect(shown.contains("size = 1\u{FFFD}[2J"))
  }

  @Test func `columns count Unicode scalars`() {
    let errors = parse("[objects größe]\nsize = 1\nlifetime = 0\n[phase p]\nmix = größe 50%, e\u{301}日本 x").diagnostics
    #expect(errors.map(\.line) == [5])
    #expect(errors.map(\.column) == [19])
  }

  @Test(
    arguments: [
      ("a/b/web.txt", "web"), ("web", "web"), (".txt", "workload"), ("", "workload"), ("my heap.txt", "my heap"),
      ("a\"b\u{7}.txt", "a-b-"), ("standard input", "standard input"), ("x.txt.txt", "x.txt"),
    ])
  func `the file names the workload`(fileName: String, name: String) throws {
    let description = try #require(parse("size = 1\nlifetime = 0", fileName: fileName).description)
    #expect(description.name == name)
    #expect(parse(description.canonicalText).description == description)
  }

  @Test func `the canonical form leaves defaults out and sets numbers in large units`() throws {
    let text = """
      size = fixed(4096)
      lifetime = choice(1000:50%, 1500:50.05%)
      write = 0.1%
      [phase p]
      operations = 2000000
      rate = 1500/s
      pause = 0.0015s
      """
    let expected = """
      name        = test
      seed        = 1
      threads     = 1

      [objects all]
      size        = 4K
      lifetime    = choice(1K:50%, 1500:50.05%)
      write       = 0.1%

      [phase p]
      operations  = 2M
      mix         = all
      rate        = 1500/s
      pause       = 1500us

      """
    #expect(try #require(parse(text).description).canonicalText == expected)
  }

  @Test func `near words are found, far ones are not`() {
    #expect(nearest(to: "lognorml", in: ["normal", "lognormal"]) == "lognormal")
    #expect(nearest(to: "SEED", in: ["seed"]) == "seed")
    #expect(nearest(to: "sede", in: ["seed"]) == "seed")
    #expect(nearest(to: "a", in: ["b"]) == nil)
    #expect(nearest(to: "xyzzy", in: ["seed"]) == nil)
    #expect(nearest(to: "", in: ["a"]) == nil)
    #expect(nearest(to: String(repeating: "a", count: 65), in: [String(repeating: "a", count: 65)]) == nil)
  }
}
