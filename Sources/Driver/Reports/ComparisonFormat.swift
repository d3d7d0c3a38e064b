/// How a comparison is written.
public enum ComparisonFormat: String, CaseIterable, Sendable {
  case table, markdown, csv, json, junit, github

  /// The whole text, line break at its end included.
  ///
  /// - Parameters:
  ///   - isStrict: whether a cell without a decision counts as a failure.
  ///   - width, paint: of the table; the other formats have none.
  public func text(_ comparison: Comparison, isStrict: Bool, width: Int, paint: Paint) -> String {
    switch self {
    case .table: ComparisonTable(comparison).text(width: width, paint: paint)
    case .markdown: ComparisonMarkdown(comparison).text
    case .csv: ComparisonRows.text(comparison)
    case .json: ComparisonDocument.text(comparison)
    case .junit: ComparisonSuites(comparison, isStrict: isStrict).text
    case .github: ComparisonAnnotations(comparison, isStrict: isStrict).text
    }
  }
}
