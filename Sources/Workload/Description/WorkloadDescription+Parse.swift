extension WorkloadDescription {
  /// Reads a description, checks it and fills in every default.
  ///
  /// The whole file is read, and every fault is reported, in the order of the file.
  /// - Parameters:
  ///   - bytes: UTF-8 text, with or without a byte-order mark, at most 1 MiB.
  ///   - fileName: names the workload if it doesn't name itself: without its folder and `.txt`.
  ///   - overrides: what the command line changes. `operations` scales the phases in proportion, each to 1 at least.
  ///   - loadHistogram: the bytes of the file that a `histogram("path")` names, relative to the workload's folder.
  /// - Complexity: O(bytes), plus the compilation of every distribution.
  public static func parse(
    _ bytes: [UInt8], fileName: String, overrides: WorkloadOverrides = WorkloadOverrides(),
    loadHistogram: (String) -> Result<[UInt8], HistogramFileError>
  ) -> ParseResult {
    let file = SourceFile(name: fileName, bytes: bytes)
    let text = SourceText(file)
    let diagnostics = DiagnosticCollector(text)
    if let fault = text.fault {
      diagnostics.error(fault.message, at: fault.span)
      return ParseResult(description: nil, diagnostics: diagnostics.sorted())
    }
    let description = withoutActuallyEscaping(loadHistogram) { loadHistogram in
      let context = ReadingContext(diagnostics: diagnostics, loadHistogram: loadHistogram)
      return WorkloadReader(context: context, overrides: overrides, standardName: file.workloadName).read(text)
    }
    return ParseResult(description: diagnostics.hasErrors ? nil : description, diagnostics: diagnostics.sorted())
  }
}
