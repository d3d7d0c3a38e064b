import Foundation
public import Workload

/// Reads workload files from disk.
public enum WorkloadLoading {
  /// Bytes of a description at most.
  static let largestFile = 1 << 20

  /// The files that the arguments of a command name: a folder stands for its `.txt` files, by name.
  public static func files(_ arguments: [String]) throws(WorkloadFault) -> [String] {
    var files: [String] = []
    var faults: [String] = []
    for argument in arguments {
      let isFolder: Bool
      switch kind(argument) {
      case .success(let kind): isFolder = kind == S_IFDIR
      case .failure(let error):
        faults.append("\(argument): error: \(error)")
        continue
      }
      if isFolder {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: argument)) ?? []
        let found = names.filter { $0.hasSuffix(".txt") }.sorted()
        if found.isEmpty { faults.append("\(argument): error: the folder holds no workload (*.txt)") }
        files += found.map { (argument as NSString).appendingPathComponent($0) }
      } else {
        files.append(argument)
      }
    }
    if !faults.isEmpty { throw WorkloadFault(faults) }
    return files
  }

  /// The type of what a path leads to, as in `st_mode`, if it can be read.
  private static func kind(_ path: String) -> Result<mode_t, HistogramFileError> {
    var facts = stat()
    if unsafe stat(path, &facts) == 0, unsafe access(path, R_OK) == 0 { return .success(facts.st_mode & S_IFMT) }
    let isMissing = errno == ENOENT || errno == ENOTDIR
    return .failure(HistogramFileError(isMissing ? "there is no such file or folder" : systemMessage(errno)))
  }

  /// Whether two paths lead to one file, by whatever spelling or link.
  public static func areSame(_ one: String, _ other: String) -> Bool {
    func resolved(_ path: String) -> String {
      URL(fileURLWithPath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
    return resolved(one) == resolved(other)
  }

  /// Reads and checks one file.
  ///
  /// - Returns: the workload, and the warnings as they are shown.
  /// - Throws: every fault of the file.
  public static func load(
    _ path: String, overrides: WorkloadOverrides
  ) throws(WorkloadFault) -> (workload: PreparedWorkload, warnings: [String]) {
    let bytes: [UInt8]
    switch read(path, limit: largestFile + 1) {
    case .success(let contents): bytes = contents
    case .failure(let error): throw WorkloadFault(["\(path): error: \(error)"])
    }
    let folder = (path as NSString).deletingLastPathComponent
    return try prepare(bytes, path: path, directory: folder.isEmpty ? "." : folder, overrides: overrides)
  }

  /// Checks a description that has been read already.
  ///
  /// - Parameters:
  ///   - path: of the file it came from, for messages.
  ///   - directory: where its histograms are looked for.
  static func prepare(
    _ bytes: [UInt8], path: String, directory: String, overrides: WorkloadOverrides
  ) throws(WorkloadFault) -> (workload: PreparedWorkload, warnings: [String]) {
    let result = WorkloadDescription.parse(
      bytes, fileName: (path as NSString).lastPathComponent, overrides: overrides,
      loadHistogram: { name in
        let full = name.hasPrefix("/") ? name : (directory as NSString).appendingPathComponent(name)
        return read(full, limit: 64 << 20)
      })
    let shown = result.diagnostics.map { $0.render(fileName: path) }
    guard let description = result.description else { throw WorkloadFault(shown) }
    let prepared = PreparedWorkload(
      fileName: (path as NSString).lastPathComponent, directory: absolute(directory), text: bytes,
      overrides: overrides, description: description)
    return (prepared, shown)
  }

  /// A description with every default written out; reading it gives an equal one.
  public static func canonicalText(_ description: WorkloadDescription) -> String { description.canonicalText }

  /// The first `limit` bytes of a file.
  private static func read(_ path: String, limit: Int) -> Result<[UInt8], HistogramFileError> {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      return .failure(HistogramFileError(systemMessage(errno)))
    }
    do {
      return .success([UInt8](try handle.read(upToCount: limit) ?? Data()))
    } catch {
      return .failure(HistogramFileError("it cannot be read"))
    }
  }

  /// Workers run in the same folder, but a record of an absolute one says more.
  private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }
}

/// Faults of workload files, each as it is shown.
public struct WorkloadFault: Error, Equatable {
  public var messages: [String]

  public init(_ messages: [String]) { self.messages = messages }
}
