public import Workload

/// A workload at one setting, ready to be sent to workers.
public struct PreparedWorkload: Equatable, Sendable {
  /// Of the file, as messages and records name it.
  public var fileName: String
  /// Folder of the file: where its histograms are looked for.
  public var directory: String
  public var text: [UInt8]
  public var overrides: WorkloadOverrides
  /// What tells it from the other settings of a sweep.
  public var setting: [Parameter]
  /// With the overrides applied.
  public var description: WorkloadDescription

  public init(
    fileName: String, directory: String, text: [UInt8], overrides: WorkloadOverrides, setting: [Parameter] = [],
    description: WorkloadDescription
  ) {
    self.fileName = fileName
    self.directory = directory
    self.text = text
    self.overrides = overrides
    self.setting = setting
    self.description = description
  }

  /// The result without a single run.
  func emptyResult(cells: [CellResult]) -> WorkloadResult {
    WorkloadResult(
      name: description.name, summary: description.summary, text: String(decoding: text, as: UTF8.self),
      overrides: overrides, setting: setting, lanes: description.lanes, seed: description.seed, cells: cells)
  }
}
