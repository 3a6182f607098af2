export { type Check, doctor } from './install/doctor.js';
export {
  type InstalledKernel,
  type InstallOptions,
  installKernel,
  uninstallKernel,
} from './install/install.js';
export type { KernelPlace } from './install/kernel-place.js';
