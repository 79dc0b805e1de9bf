# For the make scripts of this folder (bash): install_packages, in the package's folder.
# Installs what package-lock.json pins, once; fails, and says why, where there is no npm or no network. The lock it takes
# lasts until the script ends: two builds of one checkout share the packages and what is built from them.
install_packages() {
  command -v node >/dev/null && command -v npm >/dev/null || { echo 'node and npm are not there: install nodejs and npm' >&2; return 1; }
  exec 9>.make.lock
  flock 9
  if [ ! -e node_modules/.forestage ] || ! cmp -s package-lock.json node_modules/.forestage; then
    npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error \
      --fetch-retries=2 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=4000 || return 1
    cp package-lock.json node_modules/.forestage
  fi
}
