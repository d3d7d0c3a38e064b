import Foundation

/// The part of a page that a program writes, between two comments.
public enum MarkedSection {
  static let start = "<!-- league -->\n"
  static let end = "<!-- /league -->\n"

  /// - Returns: nil if the page lacks one of the comments, or has them in the wrong order.
  public static func replacing(in page: String, by text: String) -> String? {
    guard let start = page.range(of: start), let end = page.range(of: end, range: start.upperBound..<page.endIndex)
    else { return nil }
    return page[..<start.upperBound] + "\n" + text + "\n" + page[end.lowerBound...]
  }
}
