/// A diagnosis as a person reads it: a line for each finding, and below it what it does and what mends it.
public struct DoctorReport {
  private let diagnosis: Diagnosis
  private let paint: Paint

  public init(_ diagnosis: Diagnosis, paint: Paint) {
    self.diagnosis = diagnosis
    self.paint = paint
  }

  /// - Parameter width: columns; no line is longer unless a command alone is.
  public func text(width: Int) -> String {
    let width = max(40, min(width, Terminal.defaultWidth))
    var lines: [String] = []
    for section in Finding.Section.allCases {
      let findings = diagnosis.findings.filter { $0.section == section }
      if findings.isEmpty { continue }
      if !lines.isEmpty { lines.append("") }
      lines.append(paint(Self.title(section), .heading))
      for finding in findings { lines += self.lines(finding, width: width) }
    }
    lines.append("")
    lines += wrap(Self.legend, width: width).map { paint($0, .faint) }
    lines += wrap(verdict, width: width).map { paint($0, diagnosis.misleads ? .failure : .plain) }
    return lines.map { $0 + "\n" }.joined()
  }

  private static let legend =
    "\(sign(.fine)) fine · \(sign(.notable)) worth knowing · \(sign(.misleading)) figures would mislead · "
    + "\(sign(.unknown)) not to be found out here"

  private var verdict: String {
    let bad = diagnosis.findings.filter { $0.verdict == .misleading }
    if bad.isEmpty { return "Nothing here would make figures mislead." }
    return
      "Figures measured now would mislead: \(bad.map { "\($0.section.rawValue), \($0.name)" }.joined(separator: "; "))."
  }

  private static func title(_ section: Finding.Section) -> String {
    section == .noise ? "noise floor: glibc against itself" : section.rawValue
  }

  static func sign(_ verdict: Finding.Verdict) -> String {
    switch verdict {
    case .fine: "✓"
    case .notable: "!"
    case .misleading: "✗"
    case .unknown: "–"
    }
  }

  /// Columns of sign and name.
  private static let margin = 18

  private func lines(_ finding: Finding, width: Int) -> [String] {
    let emphasis: Emphasis =
      switch finding.verdict {
      case .fine: .plain
      case .notable: .warning
      case .misleading: .failure
      case .unknown: .faint
      }
    let room = width - Self.margin
    let head = padded("\(Self.sign(finding.verdict)) \(finding.name)", to: Self.margin)
    let blank = String(repeating: " ", count: Self.margin)
    // A long name, of a subject with variables, has a line of its own.
    var lines = head.count >= Self.margin && head.last != " " ? [paint(head, emphasis)] : []
    for (index, piece) in wrap(finding.found, width: room).enumerated() {
      lines.append((index == 0 && lines.isEmpty ? paint(head, emphasis) : blank) + piece)
    }
    lines += wrap(finding.why, width: room).map { blank + paint($0, .faint) }
    // Never broken: it is there to be copied.
    if let remedy = finding.remedy { lines.append(blank + "→ " + remedy) }
    return lines
  }
}
