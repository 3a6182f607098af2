// What this package uses of fs-native-extensions, which has no types of its own.
declare module 'fs-native-extensions' {
  const locks: {
    /**
     * Lock the bytes from `offset` on.
     * @returns false where another open file holds a lock on some of them
     */
    tryLock(descriptor: number, offset: number): boolean;
  };
  export default locks;
}
