import Domain
import Testing

@Suite struct AddressRulesTests {
  @Test(arguments: [
    "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
    "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255",
    "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1",
    "2a00:1450::1", "64:ff9b::101:101", "2002:101:101::1",
  ])
  func `a public address is allowed`(text: String) throws {
    let address = try #require(Address(text))
    #expect(AddressRules().verdict(on: address, host: "example.com") == .allowed)
  }

  @Test(arguments: [
    ("0.0.0.0", "is an unspecified address"), ("0.255.255.255", "is an unspecified address"),
    ("10.0.0.0", "is a private address"), ("10.255.255.255", "is a private address"),
    ("100.64.0.0", "is a carrier’s shared address"),
    ("100.127.255.255", "is a carrier’s shared address"),
    ("127.0.0.1", "is a loopback address"), ("127.255.255.255", "is a loopback address"),
    ("169.254.169.254", "is a link-local address"), ("172.16.0.0", "is a private address"),
    ("172.31.255.255", "is a private address"), ("192.0.0.8", "is a reserved address"),
    ("192.0.2.1", "is a documentation address"), ("192.88.99.1", "is a reserved address"),
    ("192.168.1.1", "is a private address"), ("198.18.0.1", "is a benchmark address"),
    ("198.19.255.255", "is a benchmark address"), ("198.51.100.7", "is a documentation address"),
    ("203.0.113.7", "is a documentation address"), ("224.0.0.1", "is a multicast address"),
    ("240.0.0.1", "is a reserved address"), ("255.255.255.255", "is the broadcast address"),
    ("::", "is an unspecified address"), ("::1", "is a loopback address"),
    ("::2", "stands for 0.0.0.2, which is an unspecified address"),
    ("::7f00:1", "stands for 127.0.0.1, which is a loopback address"),
    ("::808:808", "is an IPv4-compatible address"),
    ("::ffff:10.0.0.1", "stands for 10.0.0.1, which is a private address"),
    ("::ffff:8.8.8.8", "is an IPv4-mapped address"),
    ("::ffff:0:8.8.8.8", "is an IPv4-translated address"),
    ("64:ff9b::7f00:1", "stands for 127.0.0.1, which is a loopback address"),
    ("64:ff9b:1::808:808", "is a local NAT64 address"), ("100::1", "is a discard-only address"),
    ("2001::1", "is a Teredo address"), ("2001:2::1", "is a benchmark address"),
    ("2001:1ff::1", "is a reserved address"), ("2001:db8::1", "is a documentation address"),
    ("2002:a00:1::1", "stands for 10.0.0.1, which is a private address"),
    ("3fff::1", "is a documentation address"), ("4000::1", "is a reserved address"),
    ("5f00::1", "is a segment routing address"), ("fc00::1", "is a private address"),
    ("fd00:ec2::254", "is a private address"), ("fe80::1", "is a link-local address"),
    ("febf::1", "is a link-local address"), ("fec0::1", "is a site-local address"),
    ("ff02::1", "is a multicast address"),
  ])
  func `a special address is blocked, and the reason says what it is`(
    text: String, predicate: String
  ) throws {
    let address = try #require(Address(text))
    let reason = "\(address) \(predicate)"
    #expect(
      AddressRules().verdict(on: address, host: "example.com") == .blocked(reason: reason))
  }

  @Test func `a block allows its addresses whatever the name, a name whatever it resolves to`()
    throws
  {
    let rules = try AddressRules(list: "10.1.0.0/16, ::1, LocalHost.")
    let table: [(address: String, host: String, isAllowed: Bool)] = [
      ("10.1.2.3", "example.com", true), ("10.2.0.1", "example.com", false),
      ("::1", "example.com", true), ("127.0.0.1", "example.com", false),
      ("127.0.0.1", "localhost", true), ("127.0.0.1", "LOCALHOST.", true),
      ("192.168.0.1", "localhost", true), ("127.0.0.1", "localhost.example.com", false),
      ("::ffff:10.1.2.3", "example.com", false), ("2002:a01:203::1", "example.com", false),
    ]
    for row in table {
      let address = try #require(Address(row.address))
      let isAllowed = rules.verdict(on: address, host: row.host) == .allowed
      #expect(isAllowed == row.isAllowed, "\(row)")
    }
  }

  @Test func `a list is read entry by entry, odd addresses as what they denote`() throws {
    let rules = try AddressRules(list: "localhost,10.0.0.0/8 , 127.1,\tfd00::/8")
    #expect(
      rules.allow == [
        .name("localhost"), .block("10.0.0.0/8"), .block("127.0.0.1/32"), .block("fd00::/8"),
      ])
    #expect(try AddressRules(list: " ").allow == [])
  }

  @Test(arguments: [
    ("localhost,10.0.0.0/33", "10.0.0.0/33"), ("a,,b", ""), ("*", "*"), ("a b", "a b"),
    ("http://localhost", "http://localhost"), ("localhost:8080", "localhost:8080"),
    ("1.2.3.4.5", "1.2.3.4.5"), ("a..b", "a..b"), ("localhost,", ""),
    ("*.example.com", "*.example.com"),
  ])
  func `an entry that cannot be read is named`(list: String, entry: String) {
    let fault = #expect(throws: AllowListFault.self) { try AddressRules(list: list) }
    #expect(fault?.entry == entry)
    #expect(fault?.description.contains("“\(entry)”") == true)
  }

  @Test(arguments: [
    "https://example.com", "http://example.com:8080/a?b=c", "HTTPS://Example.com./x",
    "https://8.8.8.8/", "https://[2606:4700::1111]:8443/x", "http://localhost/hook",
    "https://example.com/%20{a}",
  ])
  func `a callback URL that may turn out allowed is not refused`(url: String) {
    #expect(AddressRules().refusal(ofCallbackURL: url) == nil)
  }

  @Test(arguments: [
    ("https://example.com", "https://example.com"),
    ("HTTPS://Example.com.:443/A?B=C", "https://example.com/A?B=C"),
    ("http://LOCALHOST.:080", "http://localhost"), ("http://a.:8080?x", "http://a:8080?x"),
    ("http://0x7f.1:81/", "http://127.0.0.1:81/"), ("http://127.1.", "http://127.0.0.1"),
    ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
    ("http://[::FFFF:8.8.8.8]:80/", "http://[::ffff:8.8.8.8]/"),
    ("http://[FE80:0::1%25eth0.1]:81/", "http://[fe80::1%25eth0.1]:81/"),
    ("https://XN--EXMPLE-CUA.com/%4a", "https://xn--exmple-cua.com/%4a"),
  ])
  func `a URL is sent with the spelling of its host that was checked`(
    given: String, url: String
  ) throws {
    let origin = try Origin(of: given)
    #expect(origin.url == url)
    #expect(try Origin(of: url) == origin)
    #expect(try Origin(of: url).url == url)
    #expect(!origin.authority.contains("%"))
  }

  @Test(arguments: [
    ("", "The URL does not begin with http:// or https://"),
    ("ftp://example.com/", "The URL does not begin with http:// or https://"),
    ("https:example.com", "The URL does not begin with http:// or https://"),
    ("//example.com/", "The URL does not begin with http:// or https://"),
    ("https://", "The URL has no host"), ("https:///x", "The URL has no host"),
    ("https://:80/", "The URL has no host"),
    ("https://a:b@example.com/", "The URL holds user information"),
    ("https://example.com@127.0.0.1", "The URL holds user information"),
    ("https://example.com/#x", "The URL has a fragment, which is never sent"),
    ("https://example.com/\n", "The URL holds a space or a control character"),
    ("https://example.com/a b", "The URL holds a space or a control character"),
    ("https://example.com/\u{7f}", "The URL holds a space or a control character"),
    ("https://exämple.com/", "The URL’s host is not in ASCII; its form with xn-- is"),
    ("https://example.com/ä", "The URL holds a character that must be percent-encoded"),
    ("https://example.com?ä", "The URL holds a character that must be percent-encoded"),
    ("https://example.com\\@127.0.0.1/", "The URL holds a character that must be percent-encoded"),
    ("https://%31%32%37.0.0.1/", "The URL’s host is neither a name nor an address"),
    ("https://1.2.3.4.5/", "The URL’s host is neither a name nor an address"),
    ("https://08.0.0.1/", "The URL’s host is neither a name nor an address"),
    ("https://a.0x100000000/", "The URL’s host is neither a name nor an address"),
    ("https://[::1/", "The URL’s host is neither a name nor an address"),
    ("https://a..b/", "The URL’s host is neither a name nor an address"),
    ("https://example.com:0/", "The URL’s port is not a number from 1 to 65535"),
    ("https://example.com:/", "The URL’s port is not a number from 1 to 65535"),
    ("https://example.com:65536/", "The URL’s port is not a number from 1 to 65535"),
    ("https://[2606::1]x", "The URL’s port is not a number from 1 to 65535"),
    ("http://127.0.0.1:8080/", "127.0.0.1 is a loopback address"),
    ("http://0x7f.1/", "127.0.0.1 is a loopback address (given as 0x7f.1)"),
    ("http://2130706433/", "127.0.0.1 is a loopback address (given as 2130706433)"),
    ("http://127.0.0.1./", "127.0.0.1 is a loopback address (given as 127.0.0.1.)"),
    ("http://0/", "0.0.0.0 is an unspecified address (given as 0)"),
    ("http://[::1]/", "::1 is a loopback address"),
    ("http://[fe80::1%25eth0]/", "fe80::1 is a link-local address (given as [fe80::1%25eth0])"),
    ("http://[fe80::1%eth0]/", "The URL’s host is neither a name nor an address"),
    ("http://[fe80::1%25]/", "The URL’s host is neither a name nor an address"),
    ("http://[fe80::1%25a%2fb]/", "The URL’s host is neither a name nor an address"),
    (
      "http://[::ffff:169.254.169.254]/",
      "::ffff:169.254.169.254 stands for 169.254.169.254, which is a link-local address"
    ),
  ])
  func `a callback URL that can never be allowed is refused`(url: String, reason: String) {
    #expect(AddressRules().refusal(ofCallbackURL: url) == reason)
  }

  @Test func `a callback URL of 2,000 bytes passes and one more is refused`() {
    let url = "https://example.com/" + String(repeating: "a", count: 1_980)
    #expect(AddressRules().refusal(ofCallbackURL: url) == nil)
    #expect(
      AddressRules().refusal(ofCallbackURL: url + "a") == "The URL is longer than 2000 bytes")
  }

  @Test func `a literal address that the operator allowed is not refused`() throws {
    let rules = try AddressRules(list: "127.0.0.0/8")
    #expect(rules.refusal(ofCallbackURL: "http://127.0.0.1:8080/hook") == nil)
  }

  @Test(arguments: [
    "https://www.googleapis.com", "https://10.0.0.1:8443/x", "http://127.0.0.1:9000",
    "http://[::1]:9000/", "http://localhost:9000", "http://LOCALHOST./",
  ])
  func `a provider is asked by https anywhere and by http on this machine`(url: String) {
    #expect(AddressRules().refusal(ofProviderURL: url) == nil)
  }

  @Test(arguments: [
    "http://example.com", "http://10.0.0.1", "http://localhost.example.com", "ftp://localhost",
    "http://u@localhost", "http://[::ffff:127.0.0.1]/",
  ])
  func `a provider is not asked in the clear elsewhere`(url: String) {
    #expect(AddressRules().refusal(ofProviderURL: url) != nil)
  }

  @Test(arguments: [
    ("https://Example.com:443/a?b", "https://example.com"),
    ("http://example.com:443", "http://example.com:443"),
    ("http://[0:0::1]:80/", "http://[::1]"), ("http://0x7f.1:8080?q", "http://127.0.0.1:8080"),
  ])
  func `an origin shows scheme, host and port and nothing else`(url: String, text: String) throws {
    #expect(try Origin(of: url).description == text)
  }

  @Test(arguments: [
    ("http://example.com/", true), ("https://example.com/", true), ("http://example.com:80/", true),
    ("http://example.com:443/", true), ("http://example.com:1024/", true),
    ("http://example.com:65535/", true), ("http://example.com:25/", false),
    ("https://example.com:22/", false), ("http://example.com:1023/", false),
    ("http://example.com:444/", true), ("http://example.com:1/", true),
    ("http://example.com:7/", false),
  ])
  func `ports below 1024 beside 80 and 443 are refused unless they are allowed`(
    url: String, isAllowed: Bool
  ) throws {
    let rules = AddressRules(ports: [444])
    let port = try Origin(of: url).port
    #expect(
      rules.refusal(ofCallbackURL: url)
        == (isAllowed
          ? nil : "port \(port) is below 1024, where callbacks reach 80 and 443 alone"))
    #expect(rules.refusal(ofProviderURL: url.replacing("http:", with: "https:")) == nil)
  }
}
