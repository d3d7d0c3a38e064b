/// The word of `candidates` that `word` most likely stands for, or nil if none is near.
///
/// Near is an edit distance (insert, delete, replace, swap neighbours) of at most a third of the word's length, or 1,
/// that leaves a letter in its place; case doesn't count.
/// Nothing is near a word of more than 64 characters.
/// - Complexity: O(candidates × length²).
public func nearest(to word: String, in candidates: [String]) -> String? {
  guard word.count <= 64 else { return nil }
  let limit = min(max(1, word.count / 3), word.count - 1)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates where abs(candidate.count - word.count) <= limit {
    let distance = editDistance(Array(word.lowercased()), Array(candidate.lowercased()))
    if distance <= limit, best.map({ distance < $0.distance }) ?? true { best = (distance, candidate) }
  }
  return best?.candidate
}

/// Optimal string alignment distance.
private func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
  var beforeLast = [Int](repeating: 0, count: b.count + 1)
  var last = Array(0...b.count)
  for i in 1...a.count {
    var row = [i] + [Int](repeating: 0, count: b.count)
    for j in 1...b.count {
      row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { row[j] = min(row[j], beforeLast[j - 2] + 1) }
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
