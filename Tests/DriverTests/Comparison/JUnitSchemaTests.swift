import Foundation
import FoundationXML
import Testing

@testable import Driver

/// The rules of Ant's published schema for JUnit reports (JUnit.xsd), written as checks, and of the Jenkins xUnit
/// plugin's where they are narrower: which elements stand in which, in what order, with which attributes.
struct JUnitSchemaTests {
  typealias Make = ComparisonSamples

  /// An element as it was read.
  private final class Element {
    let name: String
    let attributes: [String: String]
    var children: [Element] = []
    var text = ""

    init(_ name: String, _ attributes: [String: String]) {
      self.name = name
      self.attributes = attributes
    }
  }

  private final class Builder: NSObject, XMLParserDelegate {
    var root: Element?
    private var open: [Element] = []

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      let element = Element(name, attributes)
      if let parent = open.last { parent.children.append(element) } else { root = element }
      open.append(element)
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
  }

  private func parsed(_ text: String) throws -> Element {
    let builder = Builder()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = builder
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return try #require(builder.root)
  }

  private func comparison(_ reason: String) -> Comparison {
    let verdicts = Verdict.allCases.map { verdict in
      CellComparison(
        workload: "a \"b\" <c>", subject: "s", quantity: Quantity(.throughput), verdict: verdict, reason: reason)
    }
    let side = Comparison.Side(
      label: "x & y", tool: ToolVersion(version: "0.1.0", commit: nil), date: "2026-01-02T03:04:05Z")
    return Comparison(
      base: side, new: side, machine: Samples.machine, isPaired: true, thresholds: Thresholds(),
      workloads: [WorkloadComparison(name: "a \"b\" <c>", cells: verdicts, control: nil)], warnings: ["w"], tests: 2)
  }

  @Test(arguments: [true, false])
  func `the document keeps the schema`(isStrict: Bool) throws {
    let reason = "it's <bad> & \"odd\" ]]> \u{0}\u{1B}[31m é\n\u{FFFF}"
    let root = try parsed(ComparisonFormat.junit.text(comparison(reason), isStrict: isStrict, width: 80, paint: .plain))
    #expect(root.name == "testsuites" && root.attributes.isEmpty)
    #expect(root.children.map(\.name) == ["testsuite"])
    for (index, suite) in root.children.enumerated() { check(suite, index) }
    let failures = root.children[0].children.filter { $0.children.first?.name == "failure" }
    #expect(failures.count == (isStrict ? 3 : 2))
    #expect(failures[0].children[0].text.contains("it's <bad> & \"odd\" ]]> \u{FFFD}\u{FFFD}[31m é"))
  }

  private func check(_ suite: Element, _ index: Int) {
    let required = [
      "package", "id", "name", "timestamp", "hostname", "tests", "failures", "errors", "time",
    ]
    #expect(Set(suite.attributes.keys) == Set(required + ["skipped"]))
    #expect(suite.attributes["id"] == "\(index)")
    #expect(suite.attributes["name"] == "a \"b\" <c>")
    let date = suite.attributes["timestamp"] ?? ""
    #expect(date.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}/) != nil)
    for key in ["tests", "failures", "errors", "skipped", "time"] { #expect(Int(suite.attributes[key] ?? "") != nil) }

    // A sequence: properties, then the cases, then both outputs.
    let cases = suite.children.filter { $0.name == "testcase" }
    #expect(
      suite.children.map(\.name)
        == ["properties"] + cases.map { _ in "testcase" } + ["system-out", "system-err"])
    for property in suite.children[0].children {
      #expect(property.name == "property" && Set(property.attributes.keys) == ["name", "value"])
      #expect(property.attributes["name"]?.isEmpty == false)
    }
    func count(_ name: String) -> Int { cases.count { $0.children.first?.name == name } }
    #expect(suite.attributes["tests"] == "\(cases.count)")
    #expect(suite.attributes["failures"] == "\(count("failure"))")
    #expect(suite.attributes["skipped"] == "\(count("skipped"))")
    for test in cases {
      #expect(Set(test.attributes.keys) == ["name", "classname", "time"])
      #expect(test.attributes["name"]?.isEmpty == false)
      #expect(test.children.count <= 1)
      guard let outcome = test.children.first else { continue }
      switch outcome.name {
      case "failure": #expect(Set(outcome.attributes.keys) == ["message", "type"])
      case "skipped": #expect(Set(outcome.attributes.keys) == ["message"])
      default: Issue.record("no place for <\(outcome.name)>")
      }
    }
  }
}
