import Foundation
public import Workload

/// What a result file holds: everything that a command measured, and what it takes to go on.
public struct ResultFile: Sendable {
  /// The workloads that were begun, with all their runs.
  public internal(set) var results: ResultSet
  public internal(set) var plan: RunPlan
  /// Every workload of the plan, in order.
  public internal(set) var workloads: [StoredWorkload]
  /// Where the file stops to make sense, one sentence; nil if it is whole.
  public internal(set) var damage: String?
  /// Whether what stands behind ``damage`` is sound, but said in words of a newer poolbench.
  public internal(set) var isOfNewer = false
  /// Whether the command that wrote it came to its end.
  public internal(set) var isComplete: Bool

  /// All workloads of the plan, those not begun without runs.
  var allWorkloads: [WorkloadResult]
  /// Bytes up to the damage or to a block of turns that the file's end has torn, or all.
  var wholeBytes: Int
  var lacksLineBreak: Bool

  /// Reads a file that ``ResultWriter`` has written, up to the first damaged line.
  ///
  /// - Throws: `ResultFileError` if nothing of it can be used.
  public static func read(_ path: String) throws(ResultFileError) -> ResultFile {
    var isFolder: ObjCBool = false
    if unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      throw ResultFileError("\(path) is a folder: name a file that 'poolbench run --json FILE' wrote")
    }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw ResultFileError("\(path) cannot be read: \(systemMessage(errno))")
    }
    let bytes: Data
    do {
      bytes = try handle.readToEnd() ?? Data()
    } catch {
      throw ResultFileError("\(path) cannot be read: \(error.localizedDescription)")
    }
    do {
      return try ResultReader.read(bytes)
    } catch {
      throw ResultFileError("\(path) \(error.description)")
    }
  }

  /// The workloads as they are sent to workers.
  ///
  /// - Throws: `WorkloadFault` if one can't be read any more, as when its histogram file is gone.
  public func prepared() throws(WorkloadFault) -> [PreparedWorkload] {
    guard workloads.count == allWorkloads.count, workloads.count == plannedWorkloads else {
      throw WorkloadFault(["the file ends before it names all its workloads: nothing is measured; start the run anew"])
    }
    return try workloads.map { (stored) throws(WorkloadFault) in try stored.prepared() }
  }

  /// How many the plan has; fewer are in a file that was cut off before its first run.
  var plannedWorkloads: Int
}

/// A workload as a result file keeps it.
public struct StoredWorkload: Equatable, Sendable {
  public var fileName: String
  /// Folder of the file: where its histograms are looked for.
  public var directory: String
  public var text: String
  public var overrides: WorkloadOverrides
  /// What tells it from the other settings of a sweep.
  public var setting: [Parameter]

  /// Where the file was.
  public var path: String { (directory as NSString).appendingPathComponent(fileName) }

  func prepared() throws(WorkloadFault) -> PreparedWorkload {
    var (workload, _) = try WorkloadLoading.prepare(
      Array(text.utf8), path: path, directory: directory, overrides: overrides)
    workload.setting = setting
    return workload
  }
}

/// Why a file is no result file: one sentence for the user.
public struct ResultFileError: Error, Equatable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
