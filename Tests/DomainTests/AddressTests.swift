import Domain
import Testing

@Suite struct AddressTests {
  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0"), ("203.0.113.7", "203.0.113.7"), ("::", "::"), ("::1", "::1"),
    ("2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"),
    ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("fe80::", "fe80::"),
    ("::ffff:127.0.0.1", "::ffff:127.0.0.1"), ("::ffff:7f00:1", "::ffff:127.0.0.1"),
    ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("0:0:0:1::", "0:0:0:1::"),
  ])
  func `the usual forms are read and written canonically`(text: String, canonical: String) {
    #expect(Address(text)?.description == canonical)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", "+1.2.3.4", "1..2.3", ":",
    ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::",
    "::1%lo", "[::1]", "::1.2.3", "1.2.3.4::", "g::", "+1::", "1:2:3:4:5:6:7:1.2.3.4",
  ])
  func `no other form is read`(text: String) {
    #expect(Address(text) == nil)
  }

  @Test(arguments: [
    "127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0X7F.1", "017700000001",
    "0177.0.0.1", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "00000000177.0.0.1",
  ])
  func `every form that resolvers take denotes the same address`(host: String) {
    #expect(Address(host: host)?.description == "127.0.0.1")
  }

  @Test(arguments: [
    ("0", "0.0.0.0"), ("0x", "0.0.0.0"), ("4294967295", "255.255.255.255"),
    ("1.2.65535", "1.2.255.255"), ("[::1]", "::1"), ("[fe80::1%25eth0]", "fe80::1"),
    ("[::ffff:10.0.0.1]", "::ffff:10.0.0.1"),
  ])
  func `the host of a URL may be an address in odd form`(host: String, address: String) {
    #expect(Address(host: host)?.description == address)
  }

  @Test(arguments: [
    "", ".", "example.com", "1.2.3.256", "256.1", "4294967296", "1.2.65536", "08.1.1.1",
    "1.2.3.4.5", "127.0.0.1..", "0xg", "-1", "::1", "[1.2.3.4]", "99999999999999999999",
  ])
  func `what denotes no address is none`(host: String) {
    #expect(Address(host: host) == nil)
  }

  @Test(arguments: [
    ("10.1.2.3/8", "10.0.0.0/8"), ("0.0.0.0/0", "0.0.0.0/0"), ("192.0.2.1", "192.0.2.1/32"),
    ("fd00::1/8", "fd00::/8"), ("::/0", "::/0"), ("::1", "::1/128"),
  ])
  func `a block is read with its loose bits cleared`(text: String, block: String) {
    #expect(AddressBlock(text)?.description == block)
  }

  @Test(arguments: ["", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "::/129", "10.0.0.0/8/8"])
  func `what is no block is not read`(text: String) {
    #expect(AddressBlock(text) == nil)
  }

  @Test func `a block holds its first and last address and neither neighbour`() {
    let block: AddressBlock = "172.16.0.0/12"
    let held = ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0", "::ac10:0"]
      .compactMap { Address($0) }.map(block.contains)
    #expect(held == [false, true, true, false, false])
  }

  @Test func `the bytes of a packet make an address`() {
    #expect(Address(bytes: [127, 0, 0, 1])?.description == "127.0.0.1")
    #expect(Address(bytes: Array(repeating: 0, count: 15) + [1])?.description == "::1")
    #expect(Address(bytes: []) == nil)
  }
}
