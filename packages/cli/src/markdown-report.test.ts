import { describeReporter } from '@pare/testkit';
import { markdownReporter } from './markdown-report.ts';

describeReporter('markdown', markdownReporter);
