import Events

/// The parameters of People's lists that decide which rows a page has.
struct ContactsQuery: Sendable {
  enum Order: Sendable { case place, modifiedAscending, modifiedDescending, name }

  var pageItems: Int
  var pageToken: String?
  var syncToken: String?
  var order = Order.place
  /// Tells queries apart that may not share page tokens.
  var fingerprint: Int64
  /// Tells queries apart that may not share sync tokens; 0 where any may.
  var lineage: Int64 = 0

  /// Reads what all lists have.
  ///
  /// - Parameters:
  ///   - usual: The page size where none is asked for, or 0.
  init(_ parameters: [Target.Parameter], usual: Int) throws(GoogleError) {
    pageItems = usual
    let same = parameters.filter { $0.name != "pageToken" }.map { "\($0.name)=\($0.value)" }
    fingerprint = Int64(OpaqueToken.fingerprint(same.sorted().joined(separator: "&").utf8) >> 16)
    for parameter in parameters where !parameter.value.isEmpty {
      switch parameter.name {
      case "pageSize":
        guard let number = Int32(parameter.value) else {
          throw .argument("Invalid value at 'page_size' (TYPE_INT32), \"\(parameter.value)\"")
        }
        guard (0...1_000).contains(number) else {
          throw .argument("Page size must be between 1 and 1000 (inclusive).")
        }
        if number > 0 { pageItems = Int(number) }
      case "pageToken": pageToken = parameter.value
      case "syncToken": syncToken = parameter.value
      default: break
      }
    }
  }
}

/// One run through a list of People's, page by page.
///
/// Tokens are numbers that only this type reads:
///
///     page   kind, owner, generation, fingerprint, head, time of the full listing, key of the row
///     sync   kind + 1, owner, generation, lineage, head, time of the full listing
///
/// `head` is the newest change when the first page was asked for: what changed while the pages were
/// read comes in the next sync at the latest. A sync token dies a week after the full listing that
/// it descends from. Source: People API, `people.connections.list`.
struct ContactsListing<Item: Sendable> {
  struct Row {
    var place: Int
    var row: ChangedList<Item>.Row
  }

  struct Page {
    var rows: [Row]
    /// Rows of the whole listing.
    var total: Int
    var nextPageToken: String?
    var nextSyncToken: String
  }

  /// The circumstances of a listing besides its query.
  struct Setting {
    /// A number that tells lists apart; the next one belongs to it too.
    var kind: Int64
    var owner: String
    var expiry: GoogleError.Expiry
    var now: Moment
    /// The text that an item sorts by where the query asks for names.
    var name: (Item) -> String = { _ in "" }
    /// Picks the rows that show in every sync, changed or not.
    var isAlwaysShown: (String) -> Bool = { _ in false }
  }

  private let list: ChangedList<Item>
  private let query: ContactsQuery
  private let setting: Setting
  private var since: Int64?
  private var head: Int64
  private var fullAt: Int64
  private var key: Int64?

  init(
    _ list: ChangedList<Item>, _ query: ContactsQuery, _ setting: Setting
  ) throws(GoogleError) {
    self.list = list
    self.query = query
    self.setting = setting
    head = list.head
    fullAt = setting.now.milliseconds
    if let token = query.syncToken { try resume(sync: token) }
    if let token = query.pageToken { try resume(page: token) }
  }

  func page(_ distortion: PageDistortion) -> Page {
    let all = sorted(chosen)
    let cut = distortion.page(of: all.filter(isAhead), most: query.pageItems, log: list.log) {
      $0.row.id
    }
    let sync = [setting.kind + 1, owner, list.generation, query.lineage, head, fullAt]
    var page = Page(rows: cut.rows, total: all.count, nextSyncToken: OpaqueToken.text(sync))
    if cut.hasMore {
      let key = cut.anchor.map(key(of:)) ?? key ?? Int64.min
      page.nextPageToken = OpaqueToken.text([
        setting.kind, owner, list.generation, query.fingerprint, head, fullAt, key,
      ])
    }
    return page
  }

  private var owner: Int64 { Int64(OpaqueToken.fingerprint(setting.owner.utf8) >> 40) }

  /// The newest change that a sync token of a kind of list stands for, dead or not.
  static func change(ofSync token: String, kind: Int64) -> Int64? {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 6, numbers[0] == kind + 1
    else {
      return nil
    }
    return numbers[4]
  }

  private mutating func resume(sync token: String) throws(GoogleError) {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 6,
      numbers[0] == setting.kind + 1, numbers[1] == owner
    else { throw .argument("Sync token is invalid.") }
    guard numbers[3] == query.lineage else {
      throw .argument("All request parameters must match the call that gave the sync token.")
    }
    guard numbers[2] == list.generation, numbers[4] <= list.head,
      setting.now - Moment(milliseconds: numbers[5]) < FakeLimits.contactsTokenLifetime
    else { throw .expiredContactsToken(setting.expiry) }
    since = numbers[4]
    fullAt = numbers[5]
  }

  private mutating func resume(page token: String) throws(GoogleError) {
    guard let numbers = OpaqueToken.numbers(token), numbers.count == 7, numbers[0] == setting.kind,
      numbers[1] == owner, numbers[3] == query.fingerprint
    else { throw .argument("Page token is invalid.") }
    guard numbers[2] == list.generation || since == nil, numbers[4] <= list.head else {
      throw .expiredContactsToken(setting.expiry)
    }
    (head, fullAt, key) = (numbers[4], numbers[5], numbers[6] == Int64.min ? nil : numbers[6])
  }

  private var chosen: [Row] {
    var chosen: [Row] = []
    for (place, row) in list.rows.enumerated() {
      let isShown = since.map { row.change > $0 } ?? !row.isDeleted
      if isShown || !row.isDeleted && setting.isAlwaysShown(row.id) {
        chosen.append(Row(place: place, row: row))
      }
    }
    return chosen
  }

  private func sorted(_ rows: [Row]) -> [Row] {
    switch query.order {
    case .place: rows
    case .modifiedAscending: rows.sorted { $0.row.change < $1.row.change }
    case .modifiedDescending: rows.sorted { $0.row.change > $1.row.change }
    case .name: rows.sorted { named($0) < named($1) }
    }
  }

  private func named(_ row: Row) -> (String, Int) {
    (setting.name(row.row.item), row.place)
  }

  private func key(of row: Row) -> Int64 {
    switch query.order {
    case .place, .name: Int64(row.place)
    case .modifiedAscending, .modifiedDescending: row.row.change
    }
  }

  private func isAhead(_ row: Row) -> Bool {
    guard let key else { return true }
    switch query.order {
    case .place: return Int64(row.place) > key
    case .modifiedAscending: return row.row.change > key
    case .modifiedDescending: return row.row.change < key
    case .name:
      guard let last = Int(exactly: key), list.rows.indices.contains(last) else { return true }
      return named(row) > named(Row(place: last, row: list.rows[last]))
    }
  }
}
