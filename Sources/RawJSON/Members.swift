/// The members of a JSON object, in their order, each name once.
package struct Members: Sendable {
  /// One name and its value.
  package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSON
  }

  private var list: [Member]

  /// Members in this order.
  ///
  /// - Precondition: Every name stands once.
  package init(_ pairs: [(String, JSON)] = []) {
    precondition(
      Set(pairs.map { Array($0.0.utf8) }).count == pairs.count, "a name stands twice in an object")
    self.init(unique: pairs)
  }

  init(unique pairs: [(String, JSON)]) {
    list = pairs.map { Member(name: $0.0, value: $0.1) }
  }

  /// The value of that name, compared byte for byte.
  ///
  /// Setting replaces in place or appends; setting nil removes.
  package subscript(name: String) -> JSON? {
    get { position(of: name).map { list[$0].value } }
    set {
      switch (position(of: name), newValue) {
      case (let index?, let value?): list[index].value = value
      case (let index?, nil): list.remove(at: index)
      case (nil, let value?): list.append(Member(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// All names, in order.
  package var names: [String] { list.map(\.name) }

  /// The same members by the bytes of their names.
  package var sorted: Members {
    var copy = self
    copy.list.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    return copy
  }

  private func position(of name: String) -> Int? {
    list.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
  }
}

extension Members: Equatable {
  /// The same names with equal values, in any order: an object is unordered. Source: RFC 8259, §1.
  package static func == (left: Members, right: Members) -> Bool {
    guard left.list.count == right.list.count else { return false }
    return zip(left.sorted, right.sorted).allSatisfy {
      $0.name.utf8.elementsEqual($1.name.utf8) && $0.value == $1.value
    }
  }
}

extension Members: RandomAccessCollection {
  /// Always 0.
  package var startIndex: Int { list.startIndex }
  /// The number of members.
  package var endIndex: Int { list.endIndex }
  /// The member at a place in the order.
  package subscript(index: Int) -> Member { list[index] }
}
