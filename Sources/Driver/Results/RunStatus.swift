/// How one worker run, or a whole cell, came out.
public struct RunStatus: Equatable, Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    case ok
    /// The record contradicts itself, the subject or the other subjects, or a verification failed.
    case failed
    case crashed
    case killed
    case timedOut = "timed out"
    case outOfMemory = "out of memory"
    /// The worker could not be loaded.
    case libraryMissing = "library missing"
    /// Not run, for a reason known before.
    case skipped
    /// The user stopped it; says nothing about the subject.
    case interrupted
  }

  public var kind: Kind
  /// What stands in parentheses behind the words: a signal, a size.
  public var detail: String
  /// One sentence for the person who asks why.
  public var note: String

  public init(_ kind: Kind, detail: String = "", note: String = "") {
    self.kind = kind
    self.detail = detail
    self.note = note
  }

  public static let ok = RunStatus(.ok)

  /// `crashed (SIGSEGV)`.
  public var words: String { detail.isEmpty ? kind.rawValue : "\(kind.rawValue) (\(detail))" }

  /// The words and, behind a colon, the note.
  public var sentence: String { note.isEmpty ? words : "\(words): \(note)" }

  /// Whether the cell counts as one that should have figures and has not.
  public var isFailure: Bool {
    switch kind {
    case .ok, .skipped, .interrupted: false
    case .failed, .crashed, .killed, .timedOut, .outOfMemory, .libraryMissing: true
    }
  }
}
