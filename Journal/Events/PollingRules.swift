/// How a feed reads dates and filters by them, as configured. What is absent has its default.
public struct PollingRules: Codable, Sendable, Equatable {
  /// How `updatedDateField` is written: a Java date pattern, or `milliseconds`.
  public var updatedFormat: String?
  /// The zone of a date that names none; absent: GMT.
  public var updatedZone: String?
  /// Dotted path to the date at which an object was made.
  public var createdField: String?
  /// How it is written.
  public var createdFormat: String?
  /// The zone of a date that names none; absent: GMT.
  public var createdZone: String?
  /// Seconds by which the two dates may differ and still say CREATED.
  public var toleranceSeconds: Int64?
  /// Leaves out what was not updated after the cursor.
  public var filtersByUpdatedDate: Bool?
  /// Leaves what was updated after the poll began for the next one.
  public var filtersByCurrentDate: Bool?
  /// Seconds that each poll looks back behind the cursor.
  public var delaySeconds: Int64?
  /// Items a page.
  public var pageSize: Int64?

  /// All fields, in the order above.
  public init(
    updatedFormat: String? = nil, updatedZone: String? = nil, createdField: String? = nil,
    createdFormat: String? = nil, createdZone: String? = nil, toleranceSeconds: Int64? = nil,
    filtersByUpdatedDate: Bool? = nil, filtersByCurrentDate: Bool? = nil,
    delaySeconds: Int64? = nil, pageSize: Int64? = nil
  ) {
    self.updatedFormat = updatedFormat
    self.updatedZone = updatedZone
    self.createdField = createdField
    self.createdFormat = createdFormat
    self.createdZone = createdZone
    self.toleranceSeconds = toleranceSeconds
    self.filtersByUpdatedDate = filtersByUpdatedDate
    self.filtersByCurrentDate = filtersByCurrentDate
    self.delaySeconds = delaySeconds
    self.pageSize = pageSize
  }

  private enum CodingKeys: String, CodingKey {
    case updatedFormat = "updated_format"
    case updatedZone = "updated_zone"
    case createdField = "created_field"
    case createdFormat = "created_format"
    case createdZone = "created_zone"
    case toleranceSeconds = "tolerance_seconds"
    case filtersByUpdatedDate = "filters_by_updated_date"
    case filtersByCurrentDate = "filters_by_current_date"
    case delaySeconds = "delay_seconds"
    case pageSize = "page_size"
  }
}
