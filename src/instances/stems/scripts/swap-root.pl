# Makes the image of a function the root file system of a sandbox that runs already.
#
# Arguments: the numbers of the system calls setns, mount, umount2 and pivot_root, which differ by processor. Each line
# of the input is an order of percent-encoded words: an id, then those of `swap` below. Each line of the output is the
# id, and what went wrong if anything did. It uses nothing but the interpreter, which Debian and Ubuntu always have.
use strict;
use warnings;

my ($SETNS, $MOUNT, $UMOUNT2, $PIVOT_ROOT) = map { $_ + 0 } @ARGV;
my ($OPEN_TREE, $MOVE_MOUNT) = (428, 429);    # the same on every processor
my ($AT_FDCWD, $O_WRONLY, $O_CREAT_EXCL, $O_DIRECTORY) = (-100, 01, 0301, 0200000);
my ($CLONE_NEWNS, $OPEN_TREE_CLONE, $MOVE_MOUNT_F_EMPTY_PATH, $MNT_DETACH) = (0x20000, 1, 4, 2);
my ($MS_NOSUID, $MS_NODEV, $MS_MOVE) = (2, 4, 8192);
my $PATIENCE_SECONDS = 10;

$SIG{CHLD} = 'IGNORE';
while (defined(my $line = <STDIN>)) {
  chomp $line;
  my ($id, @words) = map { s/%([0-9A-F]{2})/chr hex $1/ger } split / /, $line, -1;
  # A process of its own for each, because namespaces are entered for good.
  my $pid = fork;
  next if $pid;
  local $SIG{ALRM} = sub { die "it takes too long\n" };
  eval { die "fork: $!\n" unless defined $pid; alarm $PATIENCE_SECONDS; swap(@words) };
  (my $wrong = $@) =~ s/\s+/ /g;
  syswrite STDOUT, "$id $wrong\n";
  exit if defined $pid;
}

# $outer and $inner: files of the mount namespaces, the launcher's and the container's. $folder: has layers/, writable/
# and rootfs/; $layers and $memory: mount options for them. $swap: where in the sandbox the new root is put first.
# $control: a pipe that gets $message once all is done. @keep: what stays mounted, "d/proc" or "f/etc/hosts", each after
# those it must not be covered by.
sub swap {
  my ($outer, $inner, $folder, $layers, $memory, $tmp, $swap, $control, $message, @keep) = @_;
  open(my $outer_namespace, '<', $outer) or die "$outer: $!\n";
  open(my $inner_namespace, '<', $inner) or die "$inner: $!\n";
  sysopen(my $pipe, $control, $O_WRONLY) or die "$control: $!\n";
  my $root = new_root($outer_namespace, $folder, $layers, $memory);

  enter($inner_namespace);
  sysopen(my $old, '/', $O_DIRECTORY) or die "/: $!\n";
  call('move_mount', $MOVE_MOUNT, $root, '', $AT_FDCWD, $swap, $MOVE_MOUNT_F_EMPTY_PATH);
  chdir $swap or die "$swap: $!\n";
  call('pivot_root', $PIVOT_ROOT, '.', '.');

  # From here on absolute paths are those of the new root, whatever links the image has in them.
  chdir $old or die "the old root: $!\n";
  keep($_) for @keep;
  fresh_tmp($tmp) if $tmp ne '';
  call('umount', $UMOUNT2, '.', $MNT_DETACH);
  chdir '/' or die "/: $!\n";
  syswrite($pipe, $message) == length $message or die "the control pipe: $!\n";
}

# The file descriptor of the image's layers below a fresh writable layer in memory. Mounted as a cold start does it.
sub new_root {
  my ($namespace, $folder, $layers, $memory) = @_;
  enter($namespace);
  chdir $folder or die "$folder: $!\n";
  umask 022;
  call('mount of the writable layer', $MOUNT, 'tmpfs', 'writable', 'tmpfs', 0, $memory);
  mkdir "writable/$_" or die "writable/$_: $!\n" for 'upper', 'upper/tmp', 'work';
  chmod 01777, 'writable/upper/tmp' or die "/tmp: $!\n";
  my $options = "lowerdir=$layers,upperdir=writable/upper,workdir=writable/work";
  call('mount of the image', $MOUNT, 'overlay', 'rootfs', 'overlay', $MS_NOSUID | $MS_NODEV, $options);
  return call('open_tree', $OPEN_TREE, $AT_FDCWD, 'rootfs', $OPEN_TREE_CLONE);
}

sub keep {
  my ($kind, $path) = $_[0] =~ /^([df])(\/.*)$/s or die "what is to be kept: $_[0]\n";
  place($kind, $path);
  call("move of $path", $MOUNT, substr($path, 1), $path, 0, $MS_MOVE, 0);
}

sub fresh_tmp {
  my ($options) = @_;
  place('d', '/tmp');
  call('mount of /tmp', $MOUNT, 'tmpfs', '/tmp', 'tmpfs', $MS_NOSUID | $MS_NODEV, $options);
}

# Makes sure that there is something to mount over. No link may lead elsewhere.
sub place {
  my ($kind, $path) = @_;
  my @parts = split /\//, substr($path, 1);
  my $name = pop @parts;
  my $at = '';
  directory($at .= "/$_") for @parts;
  return directory($path) if $kind eq 'd';
  lstat $path;
  die "$path is no file\n" if -e _ && !-f _ || -l _;
  return if -e _;
  sysopen(my $file, $path, $O_CREAT_EXCL, 0644) or die "$path: $!\n";
}

sub directory {
  my ($path) = @_;
  lstat $path;
  die "$path is no folder\n" if -e _ && !-d _ || -l _;
  mkdir $path, 0755 or die "$path: $!\n" unless -e _;
}

sub enter {
  my ($namespace) = @_;
  call('setns', $SETNS, fileno $namespace, $CLONE_NEWNS);
}

sub call {
  my ($what, $number, @arguments) = @_;
  my $result = syscall($number, @arguments);
  die "$what: $!\n" if $result < 0;
  return $result;
}
