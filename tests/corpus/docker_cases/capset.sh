# SPDX-License-Identifier: Apache-2.0
# about: a program that asks capset(2) for what it finds it has: CHOWN, NET_RAW, SYS_CHROOT
# kind: tool

job() {
  perl -e '
    open(my $status, "<", "/proc/self/status") or die;
    my ($permitted) = map { /^CapPrm:\s*(\w+)/ ? hex($1) : () } <$status>;
    my $wanted = $permitted & (1 << 0 | 1 << 13 | 1 << 18);
    my %number = ("x86_64" => 126, "aarch64" => 91);
    chomp(my $machine = `uname -m`);
    my $header = pack("Ll", 0x20080522, 0);
    my $sets = pack("L6", $wanted, $wanted, 0, 0, 0, 0);
    syscall($number{$machine}, $header, $sets) == 0 or die "capset: $!";
    print "took them\n";
  ' >/tmp/out
}

check() {
  grep 'took them' /tmp/out
}
