import { App } from './page/App.js';

new App();
