import Events

/// The types of events by their stored names, found without making a text of a name.
enum EventTypes {
  static let names = Event.readers.keys.sorted()
  private static let table = NameTable(names)
  private static let readers = names.map { Event.readers[$0] }

  /// The place of a type in `names`; nil: of a newer program.
  static func place(of name: UnsafeRawBufferPointer) -> Int? { table.place(of: name) }

  /// The event of a body that stays where it is until this returns; nil where it does not fit.
  static func event(_ place: Int, _ body: UnsafeRawBufferPointer) -> Event? {
    try? readers[place]?.read(BodyBytes(bytes: body))
  }

  private struct BodyBytes: BodySource {
    let bytes: UnsafeRawBufferPointer

    func decode<Body: EventBody>(_ type: Body.Type) throws -> Body {
      try BodyDecoder.decode(type, from: bytes)
    }
  }
}
