import Foundation
import Synchronization

/// Whether the user has asked the run to stop, by Ctrl-C or `SIGTERM`.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  public static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// From now on the first signal asks; a second one ends the program at once.
  public static func watch() {
    // Read once, so that the handler finds the flag initialised.
    _ = isRequested
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  /// A reader that goes away shows as an error of `write`, not as the program's death.
  public static func ignoreClosedPipes() { signal(SIGPIPE, SIG_IGN) }
}
