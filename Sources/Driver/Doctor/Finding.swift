/// One thing about the machine that bears on what measurements here are worth.
public struct Finding: Equatable, Sendable {
  public enum Verdict: String, CaseIterable, Sendable {
    case fine
    /// Figures stand, but a reader should know.
    case notable = "worth knowing"
    /// Figures measured here would say what is not so.
    case misleading
    /// The system does not say, as in many containers and virtual machines.
    case unknown = "n/a"
  }

  public enum Section: String, CaseIterable, Sendable {
    case processor, memory, system, limits, clock, allocators, noise
  }

  public var section: Section
  public var name: String
  /// What was found, in a few words.
  public var found: String
  public var verdict: Verdict
  /// What it does to the figures; empty where there is nothing to say.
  public var why: String
  /// A command that mends it.
  public var remedy: String?

  public init(
    _ section: Section, _ name: String, found: String, _ verdict: Verdict, why: String = "", remedy: String? = nil
  ) {
    self.section = section
    self.name = name
    self.found = found
    self.verdict = verdict
    self.why = why
    self.remedy = remedy
  }

  /// Of what the system does not say.
  static func unknown(_ section: Section, _ name: String, why: String = "") -> Finding {
    Finding(section, name, found: "n/a", .unknown, why: why)
  }
}
