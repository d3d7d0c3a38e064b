import Foundation
import Testing
import Workload

/// `workloads/README.md` against the parser.
@Suite struct DescriptionReferenceTests {
  private let reference: String

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    reference = try String(contentsOf: root.appending(path: "workloads/README.md"), encoding: .utf8)
  }

  /// The rows of the table in the chapter of that title.
  private func rows(of title: String) throws -> [Substring] {
    let lines = reference.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0 == "## \(title)" })
    return lines[(start + 1)...].prefix { !$0.hasPrefix("## ") }.filter { $0.hasPrefix("| `") }
  }

  @Test(arguments: [FormatSection.workload, .scope, .objects, .phase])
  func `each key stands in its section's table`(section: FormatSection) throws {
    let titles: [FormatSection: String] = [
      .workload: "The top", .scope: "[scope S]", .objects: "[objects C]", .phase: "[phase P]",
    ]
    let rows = try rows(of: try #require(titles[section]))
    let keys = section.keys.filter { section != .workload || !FormatSection.objects.keys.contains($0) }
    for key in keys {
      #expect(rows.contains { $0.hasPrefix("| `\(key.rawValue)` |") }, "\(key)")
    }
  }

  @Test func `each distribution stands in the table`() throws {
    let rows = try rows(of: "Distributions")
    for family in Distribution.Family.allCases {
      let form = family.parameters.isEmpty ? "\(family.rawValue)(" : family.form
      #expect(rows.contains { $0.contains("`\(form)") }, "\(family)")
    }
  }

  @Test func `every example is a description without faults`() {
    let blocks = reference.components(separatedBy: "```workload\n").dropFirst().map {
      $0.components(separatedBy: "```")[0]
    }
    #expect(blocks.count == 5)
    for block in blocks {
      let shown = parse(block, fileName: "README").diagnostics.map { $0.render(fileName: "README") }
      #expect(shown == [], "\(shown.joined(separator: "\n"))")
    }
  }

  @Test func `the fault shown is the parser's own`() {
    let text = String(repeating: "\n", count: 13) + "size        = lognorml(median=48, sigma=1.0)\nlifetime = 0"
    let fault = parse(text).diagnostics.map { $0.render(fileName: "workloads/web-server.txt") }
    #expect(fault.count == 1)
    #expect(reference.contains("```\n\(fault[0])\n```"))
  }
}
