import ArgumentParser
import Driver
import Foundation
import Workload

/// Which subjects a command is about.
struct SubjectOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Subjects, separated by commas; NAME[VARIABLE=value] sets a variable of the worker, whose value may hold commas: \
      jemalloc[MALLOC_CONF=narenas:1,tcache:false] (default: the seven shipped).
      """,
      valueName: "list"))
  var subjects: String?

  @Option(
    name: .customLong("preload"), parsing: .singleValue,
    help: ArgumentHelp("Adds the allocator in a shared library as a subject; may be repeated.", valueName: "name=path"))
  var preloadTexts: [String] = []

  @Option(
    name: .customLong("build"), parsing: .singleValue,
    help: ArgumentHelp(
      "Another build's worker programs, run as SUBJECT@NAME; may be repeated.", valueName: "name=folder"))
  var buildTexts: [String] = []

  mutating func validate() throws { _ = try chosen() }

  /// What a run is of: its subjects in order, each once, the path of each preloaded library, the folder of each build.
  typealias Chosen = (subjects: [Subject], preloads: [String: String], builds: [String: String])

  func chosen() throws -> Chosen {
    let builds = try builds()
    var names: [String] = []
    var paths: [String: String] = [:]
    for text in preloadTexts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex, text.last != "=" else {
        throw ValidationError("--preload takes NAME=PATH, not '\(text)'")
      }
      let name = String(text[..<equals])
      let allowed = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
      if !allowed || Subject.Base(rawValue: name) != nil {
        throw ValidationError("--preload: '\(name)' is not free to be a subject's name")
      }
      if paths[name] != nil { throw ValidationError("--preload: '\(name)' is named twice") }
      names.append(name)
      paths[name] = Self.absolute(String(text[text.index(after: equals)...]))
    }
    let preloaded = names.map { Subject(.preloaded, preloadName: $0) }
    guard let subjects else { return (RunPlan.defaultSubjects + preloaded, paths, builds) }
    var list: [Subject] = []
    for name in ListSyntax.split(subjects) {
      let subject = try Self.subject(name, preloads: names, builds: Array(builds.keys))
      if !list.contains(subject) { list.append(subject) }
    }
    if list.isEmpty { throw ValidationError("--subjects names no subject") }
    // A library that was named is wanted, also where the list forgets it.
    list += preloaded.filter { subject in !list.contains { $0.preloadName == subject.preloadName } }
    return (list, paths, builds)
  }

  private func builds() throws -> [String: String] {
    var folders: [String: String] = [:]
    for text in buildTexts {
      guard let equals = text.firstIndex(of: "="), equals != text.startIndex, text.last != "=" else {
        throw ValidationError("--build takes NAME=FOLDER, not '\(text)'")
      }
      let name = String(text[..<equals])
      let folder = Self.absolute(String(text[text.index(after: equals)...]))
      if folders.updateValue(folder, forKey: name) != nil { throw ValidationError("--build: '\(name)' is named twice") }
      if !WorkerFolder.missingPrograms(for: [Subject(.glibc)], in: folder).isEmpty {
        throw ValidationError("--build \(name): there are no worker programs in \(folder)")
      }
    }
    return folders
  }

  static func subject(_ name: String, preloads: [String], builds: [String] = []) throws -> Subject {
    do {
      return try Subject(parsing: name, preloads: preloads, builds: builds.sorted())
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// The loader takes a relative path as relative to its own folder's search, so it gets an absolute one.
  private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  /// - Throws: `Failure` that names every worker program that is not there and every library that cannot be preloaded.
  static func requirePresent(_ subjects: [Subject], _ preloads: [String: String]) throws {
    let missing = WorkerFolder.missingPrograms(for: subjects, in: WorkerFolder.ownFolder).map {
      "error: the worker program \($0) is missing in \(WorkerFolder.ownFolder); build the package anew"
    }
    let messages = missing + preloadFaults(preloads)
    if !messages.isEmpty { throw Failure(.libraryMissing, messages) }
  }

  /// - Throws: `Failure` that names every library that cannot be preloaded.
  static func requirePreloadable(_ preloads: [String: String]) throws {
    let messages = preloadFaults(preloads)
    if !messages.isEmpty { throw Failure(.libraryMissing, messages) }
  }

  private static func preloadFaults(_ preloads: [String: String]) -> [String] {
    preloads.sorted { $0.key < $1.key }.compactMap { name, path in
      PreloadCheck.fault(of: path).map { "error: --preload \(name): \($0)" }
    }
  }
}
