/** System calls a program may make, whatever the architecture; grouped by what they are about. */
export const ALLOWED_SYSCALLS: readonly string[] = [
  // files and folders
  ...words(`access close close_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir fchmod fchmodat
    fchmodat2 fchown fchownat fcntl fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync
    ftruncate futimesat getcwd getdents getdents64 getxattr getxattrat lchown lgetxattr link linkat listxattr listxattrat
    llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat mknod mknodat newfstatat open openat openat2 readahead
    readlink readlinkat removexattr removexattrat rename renameat renameat2 rmdir setxattr setxattrat stat statfs statx
    symlink symlinkat sync sync_file_range syncfs truncate umask unlink unlinkat utime utimensat utimes chdir chmod chown
    chroot name_to_handle_at`),
  // reading, writing, waiting for input
  ...words(`copy_file_range epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2
    inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl io_cancel io_destroy io_getevents io_pgetevents
    io_setup io_submit memfd_create memfd_secret pipe pipe2 poll ppoll pread64 preadv preadv2 pselect6 pwrite64 pwritev
    pwritev2 read readv select sendfile signalfd signalfd4 splice tee timerfd_create timerfd_gettime timerfd_settime
    vmsplice write writev cachestat`),
  // memory
  ...words(`brk get_mempolicy madvise map_shadow_stack mbind membarrier mincore mlock mlock2 mlockall mmap mprotect mremap
    mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect process_madvise process_mrelease
    remap_file_pages set_mempolicy set_mempolicy_home_node`),
  // processes and threads
  ...words(`arch_prctl capget capset execve execveat exit exit_group fork futex futex_requeue futex_wait futex_waitv
    futex_wake get_robust_list get_thread_area getcpu getegid geteuid getgid getgroups getpgid getpgrp getpid getppid
    getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid ioprio_get ioprio_set kcmp kill
    landlock_add_rule landlock_create_ruleset landlock_restrict_self pidfd_getfd pidfd_open pidfd_send_signal prctl
    prlimit64 process_vm_readv process_vm_writev ptrace restart_syscall rseq sched_get_priority_max
    sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval
    sched_setaffinity sched_setattr sched_setparam sched_setscheduler sched_yield seccomp set_robust_list
    set_thread_area set_tid_address setfsgid setfsuid setgid setgroups setpgid setpriority setregid setresgid setresuid
    setreuid setrlimit setsid setuid tgkill time times tkill uname vfork wait4 waitid sysinfo getrandom`),
  // signals
  ...words(`alarm pause rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend
    rt_sigtimedwait rt_tgsigqueueinfo sigaltstack`),
  // clocks and timers
  ...words(`adjtimex clock_adjtime clock_getres clock_gettime clock_nanosleep getitimer gettimeofday nanosleep setitimer
    timer_create timer_delete timer_getoverrun timer_gettime timer_settime`),
  // sockets and messages between processes
  ...words(`accept accept4 bind connect getpeername getsockname getsockopt listen mq_getsetattr mq_notify mq_open
    mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd recvfrom recvmmsg recvmsg semctl semget semop
    semtimedop sendmmsg sendmsg sendto setsockopt shmat shmctl shmdt shmget shutdown socketpair`),
];

/** Calls only the x86-64 ABI has. */
export const ALLOWED_X86_SYSCALLS: readonly string[] = words("modify_ldt");

/** Calls that administer the machine or widen what a process may see: refused even to root of a sandbox. */
export const REFUSED_SYSCALLS: readonly string[] = words(`acct add_key bpf clock_settime create_module delete_module
  fanotify_init fanotify_mark finit_module fsconfig fsmount fsopen fspick get_kernel_syms init_module io_uring_enter
  io_uring_register io_uring_setup ioperm iopl kexec_file_load kexec_load keyctl listmount lookup_dcookie lsm_set_self_attr
  migrate_pages mount mount_setattr move_mount move_pages nfsservctl open_by_handle_at open_tree perf_event_open pivot_root
  query_module quotactl quotactl_fd reboot request_key setdomainname sethostname setns settimeofday statmount stime swapoff
  swapon _sysctl sysfs syslog umount umount2 unshare uselib userfaultfd ustat vhangup vm86 vm86old`);

/** Those of them that a builder of images needs in namespaces of its own; `unshare` only with some flags. */
export const NESTING_SYSCALLS: readonly string[] = words("mount pivot_root sethostname setns umount umount2 unshare");

/** Those of them that do the same in newer ways. */
export const NEWER_MOUNT_SYSCALLS: readonly string[] = words(
  "fsconfig fsmount fsopen fspick mount_setattr move_mount open_tree",
);

function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
