export { type Check, doctor } from './install/doctor.js';
export {
  type InstalledKernel,
  type InstallOptions,
  installKernel,
  type KernelPlace,
  uninstallKernel,
} from './install/install.js';
